internal import Files
internal import Glibc
internal import SystemErrors

/// Records in a file without a name, so that nothing of it is left whatever happens: written from the
/// first to the last, then read in any parts.
final class RecordFile {
    private let folder: String
    private let descriptor: Int32
    private var buffer: [NGramRecord] = []
    private var written = 0

    private static let bufferCount = 1 << 13
    private static let recordBytes = MemoryLayout<NGramRecord>.stride

    /// - Throws: if `folder` takes no file.
    init(in folder: String) throws(FileError) {
        self.folder = folder
        descriptor = try AnonymousFile.open(in: folder)
        buffer.reserveCapacity(Self.bufferCount)
    }

    deinit { close(descriptor) }

    var count: Int { written + buffer.count }

    /// - Throws: if the disk refuses it.
    func append(_ record: NGramRecord) throws(FileError) {
        buffer.append(record)
        if buffer.count == Self.bufferCount { try flush() }
    }

    /// - Throws: if the disk refuses them.
    func append(_ records: UnsafeMutableBufferPointer<NGramRecord>) throws(FileError) {
        try flush()
        try put(UnsafeRawBufferPointer(records))
        written += records.count
    }

    /// Hands what is buffered to the system; reading may begin.
    func flush() throws(FileError) {
        guard !buffer.isEmpty else { return }
        let result = buffer.withUnsafeBytes { bytes in
            Result { () throws(FileError) in try put(bytes) }
        }
        try result.get()
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try mapError({ FileError(folder, "write a temporary file in it", $0) }) {
            () throws(SystemError) in try DescriptorIO.write(bytes, to: descriptor)
        }
    }

    /// Reads records from `start` on, as many as fit.
    fileprivate func read(
        at start: Int, into records: UnsafeMutableBufferPointer<NGramRecord>
    ) throws(FileError) {
        let bytes = UnsafeMutableRawBufferPointer(records)
        let got = try mapError({ FileError(folder, "read a temporary file in it", $0) }) {
            () throws(SystemError) in
            try DescriptorIO.read(descriptor, at: start * Self.recordBytes, into: bytes)
        }
        precondition(got == bytes.count, "a temporary file has what was written to it")
    }
}

/// Records of a file one after the other.
struct RecordReader: ~Copyable {
    private let file: RecordFile
    private let buffer: UnsafeMutableBufferPointer<NGramRecord>
    private var position = 0
    private var filled = 0
    private var place: Int
    private let end: Int

    static let bufferBytes = 1 << 18

    /// - Parameter range: of records; `file` was flushed.
    init(_ file: RecordFile, _ range: Range<Int>, bufferBytes: Int = Self.bufferBytes) {
        self.file = file
        place = range.lowerBound
        end = range.upperBound
        buffer = .allocate(
            capacity: max(1, min(range.count, bufferBytes / MemoryLayout<NGramRecord>.stride)))
    }

    /// All records of a file that is flushed.
    init(_ file: RecordFile) { self.init(file, 0..<file.count) }

    deinit { buffer.deallocate() }

    /// The next record; nil at the end.
    ///
    /// - Throws: if the file cannot be read.
    mutating func next() throws(FileError) -> NGramRecord? {
        if position == filled {
            guard place < end else { return nil }
            filled = min(buffer.count, end - place)
            try file.read(at: place, into: UnsafeMutableBufferPointer(rebasing: buffer[..<filled]))
            place += filled
            position = 0
        }
        position += 1
        return buffer[position - 1]
    }
}
