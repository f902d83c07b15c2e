internal import Files
internal import Glibc
internal import SystemErrors

/// The pages of an SQLite file as they stand, whatever its trees and its header say.
///
/// Pages of committed transactions that wait in the write-ahead log stand for those in the file.
/// Open no connection to the file meanwhile.
final class DatabasePages {
    /// The journal's pages never have another size.
    static let pageBytes = 4_096

    /// Pages of the file, by number from 1.
    let pageCount: Int
    private let file: Int32
    private let log: Int32
    /// Where in the log the newest committed image of a page begins.
    private let logged: [Int: Int]

    init(path: String) throws(JournalError) {
        file = open(path, O_RDONLY | O_CLOEXEC)
        let error = errno
        log = open(path + "-wal", O_RDONLY | O_CLOEXEC)
        let reader = WriteAheadLog(descriptor: log, pageBytes: Self.pageBytes)
        logged = reader.committedPages()
        let size = file >= 0 ? lseek(file, 0, SEEK_END) : 0
        pageCount = max(Int(size) / Self.pageBytes, logged.keys.max() ?? 0)
        guard file >= 0, size >= 0 else {
            throw JournalError(
                .cannotOpen, path: path,
                "the journal cannot be opened: \(SystemError.text(of: error))")
        }
    }

    deinit {
        if file >= 0 { close(file) }
        if log >= 0 { close(log) }
    }

    /// A page; nil if it cannot be read.
    func page(_ number: Int) -> [UInt8]? {
        guard (1...max(1, pageCount)).contains(number) else { return nil }
        if let place = logged[number] {
            return Self.bytes(of: log, at: place, count: Self.pageBytes)
        }
        return Self.bytes(of: file, at: (number - 1) * Self.pageBytes, count: Self.pageBytes)
    }

    /// Bytes of a file; nil if it has not so many there or they cannot be read.
    static func bytes(of descriptor: Int32, at offset: Int, count: Int) -> [UInt8]? {
        guard let bytes = try? DescriptorIO.bytes(of: descriptor, at: offset, count: count),
            bytes.count == count
        else { return nil }
        return bytes
    }
}

/// The frames of a write-ahead log, in SQLite's published format.
private struct WriteAheadLog {
    let descriptor: Int32
    let pageBytes: Int

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24

    /// Where the newest image of each page begins, over all whole transactions: up to the first
    /// frame whose checksum does not hold, as SQLite itself reads a log.
    func committedPages() -> [Int: Int] {
        guard descriptor >= 0,
            let header = DatabasePages.bytes(of: descriptor, at: 0, count: Self.headerBytes)
        else { return [:] }
        let magic = Self.word(header, 0)
        guard magic & ~1 == 0x377F_0682, Int(Self.word(header, 8)) == pageBytes else { return [:] }
        var sums = Sums(isBigEndian: magic & 1 == 1)
        sums.add(header[..<24])
        guard sums.first == Self.word(header, 24), sums.second == Self.word(header, 28) else {
            return [:]
        }
        var committed: [Int: Int] = [:]
        var open: [Int: Int] = [:]
        var offset = Self.headerBytes
        while let frame = DatabasePages.bytes(
            of: descriptor, at: offset, count: Self.frameHeaderBytes + pageBytes)
        {
            guard frame[8..<16].elementsEqual(header[16..<24]) else { break }
            sums.add(frame[..<8])
            sums.add(frame[Self.frameHeaderBytes...])
            guard sums.first == Self.word(frame, 16), sums.second == Self.word(frame, 20) else {
                break
            }
            open[Int(Self.word(frame, 0))] = offset + Self.frameHeaderBytes
            if Self.word(frame, 4) != 0 {
                committed.merge(open) { $1 }
                open = [:]
            }
            offset += frame.count
        }
        return committed
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The log's running checksum: two sums over words of 32 bits.
    private struct Sums {
        let isBigEndian: Bool
        private(set) var first: UInt32 = 0
        private(set) var second: UInt32 = 0

        init(isBigEndian: Bool) {
            self.isBigEndian = isBigEndian
        }

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count, by: 8) {
                    first = first &+ word(bytes, offset) &+ second
                    second = second &+ word(bytes, offset + 4) &+ first
                }
            }
        }

        private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
        }
    }
}
