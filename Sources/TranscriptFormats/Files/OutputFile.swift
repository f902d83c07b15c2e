internal import CZlib
internal import Files
internal import Glibc
internal import SpeechTypes
internal import TranscriptRows

/// A file of an export: whole or absent, as plain bytes or as gzip by its name.
final class OutputFile {
    private let file: AtomicFile
    private let gzip: GzipStream?
    private var pending: [UInt8] = []

    /// As much as the file below hands to the system at once, so that it need not be copied there.
    private static let pendingBytes = AtomicFile.bufferBytes

    /// - Parameters:
    ///   - isDurable: false for files of which there are as many as recordings.
    ///   - isPlain: bytes stay as they are, whatever the name ends with.
    /// - Throws: `storage` if it cannot be made.
    init(_ path: String, isDurable: Bool = true, isPlain: Bool = false) throws(ExportError) {
        file = try Self.mapped { () throws(FileError) in
            try AtomicFile(path, isDurable: isDurable)
        }
        gzip = !isPlain && path.hasSuffix(".gz") ? GzipStream() : nil
    }

    /// Appends what `body` appends.
    ///
    /// - Throws: `storage` if the disk refuses it, or what `body` throws.
    func append(_ body: (inout [UInt8]) throws(ExportError) -> Void) throws(ExportError) {
        try body(&pending)
        if pending.count >= Self.pendingBytes { try flush(isLast: false) }
    }

    func append(_ bytes: [UInt8]) throws(ExportError) {
        pending += bytes
        if pending.count >= Self.pendingBytes { try flush(isLast: false) }
    }

    /// Puts the file in its place.
    ///
    /// - Throws: `storage` if the disk refuses.
    func commit() throws(ExportError) {
        try flush(isLast: true)
        try Self.mapped { () throws(FileError) in try file.commit() }
    }

    private func flush(isLast: Bool) throws(ExportError) {
        try Self.mapped { () throws(FileError) in
            if let gzip {
                try file.write(gzip.compressed(pending, isLast: isLast))
            } else {
                try file.write(pending)
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    static func mapped<Value>(
        _ body: () throws(FileError) -> Value
    ) throws(ExportError) -> Value {
        try mapError({ ExportError(.storage, $0) }, body)
    }

    /// Makes a folder and those above it.
    ///
    /// - Throws: `storage` if it cannot be made.
    static func makeFolder(_ path: String) throws(ExportError) {
        if path.isEmpty || path == "." || path == "/" || mkdir(path, 0o777) == 0 { return }
        if errno == ENOENT {
            try makeFolder(PathBytes(path).folder.text)
            if mkdir(path, 0o777) == 0 { return }
        }
        var status = stat()
        if errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        throw ExportError(.storage, FileError(path, "make the folder"))
    }

    /// Whether it is a file that can be read twice.
    static func isRegular(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }
}

/// A gzip stream of one member, without a time or a name, so that equal bytes give equal files.
private final class GzipStream {
    private let stream: UnsafeMutablePointer<z_stream>

    private static let outputBytes = 1 << 16

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 more than the largest window asks for gzip's head and tail.
        let status = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib has no memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func compressed(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var input = bytes
        var output: [UInt8] = []
        var block = [UInt8](repeating: 0, count: Self.outputBytes)
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            repeat {
                block.withUnsafeMutableBufferPointer { block in
                    stream.pointee.next_out = block.baseAddress
                    stream.pointee.avail_out = UInt32(block.count)
                    deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                }
                output += block.dropLast(Int(stream.pointee.avail_out))
            } while stream.pointee.avail_out == 0
        }
        return output
    }
}
