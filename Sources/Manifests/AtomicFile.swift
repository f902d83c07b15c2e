internal import Glibc
internal import Threading

/// A file that is complete or absent: written aside, synced, renamed.
///
/// Dropped without ``commit()``, or ended with the process by a signal, it leaves nothing behind.
package final class AtomicFile {
    package let path: String
    /// What is being written, until it is committed.
    package var partPath: String { path + ".part" }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isCommitted = false
    private let leftover: Leftover

    private static let bufferBytes = 1 << 20

    package init(_ path: String) throws(ManifestError) {
        self.path = path
        let partPath = path + ".part"
        leftover = Leftover { unlink(partPath) }
        descriptor = open(path + ".part", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .system(.storage, path, "writing") }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            if !isCommitted { unlink(partPath) }
        }
    }

    /// Appends bytes.
    package func write(_ bytes: some Collection<UInt8>) throws(ManifestError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Hands what is buffered to the system.
    func flush() throws(ManifestError) {
        var start = 0
        while start < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(.storage, path, "writing") }
            start += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the bytes durable and puts them in the file's place.
    package func commit() throws(ManifestError) {
        precondition(!isCommitted, "a file is committed once")
        try flush()
        guard fsync(descriptor) == 0 else { throw .system(.storage, path, "writing") }
        try leftover.settle { () throws(ManifestError) in
            guard rename(partPath, path) == 0 else { throw .system(.storage, path, "writing") }
        }
        isCommitted = true
        let folder = FilePath.folder(of: path)
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system(.storage, folder, "opening the folder") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw .system(.storage, folder, "syncing the folder") }
    }

    /// Gives the written bytes to change in place, before they are committed.
    func withMappedBytes<Value>(
        _ body: (UnsafeMutableRawBufferPointer) throws(ManifestError) -> Value
    ) throws(ManifestError) -> Value {
        try flush()
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(.storage, path, "reading") }
        let count = Int(status.st_size)
        guard count > 0 else {
            return try body(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        }
        guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            base != MAP_FAILED
        else { throw .system(.storage, path, "mapping") }
        defer { munmap(base, count) }
        return try body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }
}
