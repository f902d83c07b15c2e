internal import Decompression
internal import Digests
internal import Files
internal import Glibc
package import SpeechTypes
internal import SystemErrors
internal import Threading

/// One line of an input.
package struct ManifestLine: Hashable, Sendable {
    /// Where it begins, in bytes from the start of the file.
    package let offset: Int
    /// 1-based, blank lines included.
    package let number: Int
    /// Without the line end; of a line beyond the limit, one byte more than the limit.
    package let bytes: [UInt8]

    /// Nothing but white space.
    package var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}

/// The lines of a file, pipe or standard input, one at a time and each of bounded length.
///
/// A byte order mark, CRLF and a missing last line end are fine; UTF-16 and UTF-32 are refused, since
/// every line of theirs would be an error of its own.
package final class LineReader {
    private let descriptor: Int32
    private let path: String
    private let ownsDescriptor: Bool
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    private var position = 0
    private var end = 0
    private var isAtEnd = false
    private var expanded: ExpandedBytes<FileError>?
    private var hasher: SHA256Hasher?
    private var lineNumber = 0
    /// Bytes taken so far.
    private(set) var byteCount = 0

    /// Opens a file, or standard input for `-`.
    ///
    /// - Parameter digesting: also compute the digest of all bytes.
    /// - Parameter expanding: a file that is compressed with gzip or zstd, as its first bytes tell, is read
    ///   as what it holds; places and digests are of that.
    package init(
        _ path: PathBytes, digesting: Bool = false, expanding: Bool = false
    ) throws(ManifestError) {
        self.path = path.text
        ownsDescriptor = path != "-"
        descriptor =
            ownsDescriptor
            ? path.withCString { open($0, O_RDONLY | O_CLOEXEC) } : STDIN_FILENO
        guard descriptor >= 0 else { throw .system(.unreadable, path.text, "open it") }
        hasher = digesting ? SHA256Hasher() : nil
        var status = stat()
        if fstat(descriptor, &status) == 0, status.isRegularFile {
            WorkMeter.shared.expect(Int(status.st_size), .bytes)
        }
        if expanding { try beginExpanding() }
    }

    /// The lines of a file that is open already, from where it stands; closed when this goes.
    package init(takingOver descriptor: Int32, path: String) {
        self.path = path
        self.descriptor = descriptor
        ownsDescriptor = true
    }

    package convenience init(_ path: String, digesting: Bool = false) throws(ManifestError) {
        try self.init(PathBytes(path), digesting: digesting)
    }

    /// The first bytes of a file, whatever they are.
    package static func head(
        of path: PathBytes, expanding: Bool = false
    ) throws(ManifestError) -> [UInt8] {
        let reader = try LineReader(path, expanding: expanding)
        try reader.fill()
        return Array(reader.buffer[..<min(reader.end, TextEncoding.headBytes)])
    }

    deinit {
        if ownsDescriptor, descriptor >= 0 { close(descriptor) }
    }

    /// The next line that is not blank.
    package func nextRow() throws(ManifestError) -> ManifestLine? {
        while let line = try next() {
            if !line.isBlank { return line }
        }
        return nil
    }

    /// The next line; nil at the end.
    package func next() throws(ManifestError) -> ManifestLine? {
        let kept = ManifestLimits.lineBytesMax + 2
        if byteCount == 0 {
            try refuseOtherEncodings()
            try skipByteOrderMark()
        }
        var bytes: [UInt8] = []
        var length = 0
        let start = byteCount
        while true {
            if position == end {
                try fill()
                if position == end {
                    guard length > 0 else { return nil }
                    break
                }
            }
            let (count, found) = scan()
            bytes += buffer[position..<position + min(count, kept - bytes.count)]
            length += count
            position += count + (found ? 1 : 0)
            byteCount += count + (found ? 1 : 0)
            if found { break }
        }
        lineNumber += 1
        Self.trim(&bytes, isWhole: length <= kept)
        return ManifestLine(offset: start, number: lineNumber, bytes: bytes)
    }

    /// The digest of everything that was read.
    ///
    /// - Precondition: opened for it, and read to the end.
    func finishDigest() -> ContentDigest {
        guard let hasher = hasher.take() else { preconditionFailure("opened without a digest") }
        return hasher.finalize()
    }

    /// Without the carriage return of a CRLF, and at most one byte beyond the limit.
    static func trim(_ line: inout [UInt8], isWhole: Bool) {
        if isWhole, line.last == 0x0D { line.removeLast() }
        line.removeLast(max(0, line.count - ManifestLimits.lineBytesMax - 1))
    }

    /// Bytes up to the next line feed or the end of the buffer, and which of both it was.
    private func scan() -> (count: Int, found: Bool) {
        buffer.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress.map({ $0 + position }),
                let place = memchr(start, 0x0A, end - position)
            else { return (end - position, false) }
            return (UnsafeRawPointer(place) - start, true)
        }
    }

    private func refuseOtherEncodings() throws(ManifestError) {
        while end - position < TextEncoding.markBytes, !isAtEnd { try fill() }
        guard let name = TextEncoding.name(of: buffer[position..<end]) else { return }
        throw ManifestError(
            .encoding, path,
            "encoded in \(name); make it UTF-8 first, for example: iconv -f \(name) -t UTF-8")
    }

    private func skipByteOrderMark() throws(ManifestError) {
        while end - position < 3, !isAtEnd { try fill() }
        if end - position >= 3, buffer[position..<position + 3] == [0xEF, 0xBB, 0xBF] {
            position += 3
            byteCount += 3
        }
    }

    /// Reads more bytes behind those that are left.
    private func fill() throws(ManifestError) {
        if position > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + position, end - position)
            }
            end -= position
            position = 0
        }
        while !isAtEnd {
            let got = try read(from: end)
            if got == 0 {
                isAtEnd = true
            } else {
                buffer.withUnsafeBytes { bytes in
                    hasher?.update(UnsafeRawBufferPointer(rebasing: bytes[end..<end + got]))
                }
                end += got
            }
            return
        }
    }

    /// Reads into the buffer from `start` on; 0 at the end.
    private func read(from start: Int) throws(ManifestError) -> Int {
        if let expanded {
            typealias Failure = ExpandedBytes<FileError>.Failure
            let result = buffer.withUnsafeMutableBytes { bytes in
                Result { () throws(Failure) in
                    try expanded.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
                }
            }
            switch result {
            case .success(let count): return count
            case .failure(.source(let error)): throw .input(error)
            case .failure(.compressed(let fault)):
                throw ManifestError(
                    .invalid, path, "\(fault) (after line \(lineNumber))")
            }
        }
        let (descriptor, path) = (descriptor, path)
        let result = buffer.withUnsafeMutableBytes { bytes in
            Result { () throws(FileError) in
                try Self.read(
                    descriptor, path, UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
            }
        }
        return try mapError({ ManifestError.input($0) }) { () throws(FileError) in
            try result.get()
        }
    }

    /// Looks at the first bytes, and reads on through a decoder if they are of a compressed file.
    private func beginExpanding() throws(ManifestError) {
        while end < Compression.markBytes, !isAtEnd { try fill() }
        guard let compression = Compression(head: buffer[..<end]) else { return }
        let (descriptor, path) = (descriptor, path)
        expanded = try mapError({ ManifestError(.unreadable, path, "\($0)") }) {
            () throws(DecompressionFault) in
            try ExpandedBytes(compression, head: buffer[..<end]) { buffer throws(FileError) in
                try Self.read(descriptor, path, buffer)
            }
        }
        end = 0
        isAtEnd = false
    }

    private static func read(
        _ descriptor: Int32, _ path: String, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        let count = try mapError({ FileError(path, "read it", $0) }) { () throws(SystemError) in
            try DescriptorIO.read(descriptor, into: buffer)
        }
        WorkMeter.shared.advance(count, .bytes)
        return count
    }
}
