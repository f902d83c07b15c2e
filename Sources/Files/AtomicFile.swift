internal import Glibc
internal import SpeechTypes
internal import SystemErrors
internal import Threading

/// A file that is complete or absent: written aside, then renamed.
///
/// Dropped without ``commit()``, or ended with the process by a signal, it leaves nothing behind.
package final class AtomicFile {
    package let path: String
    /// What is being written, until it is committed.
    package let partPath: String

    private let isDurable: Bool
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isCommitted = false
    private let cleanup: ExitCleanup

    /// So much is handed to the system at once.
    package static let bufferBytes = 1 << 20

    /// Begins a file that will stand at `path`.
    ///
    /// - Parameters:
    ///   - partPath: where it is written, in the same folder; `path` with `.part` unless given.
    ///   - permissions: of the file, less what the user's mask takes away.
    ///   - isSecret: nobody else may have made, opened or linked what is written to.
    ///   - isDurable: it survives a loss of power once it is committed. False for caches.
    /// - Throws: if the file cannot be made.
    package init(
        _ path: String, writtenTo partPath: String? = nil, permissions: UInt32 = 0o666,
        isSecret: Bool = false, isDurable: Bool = true
    ) throws(FileError) {
        let partPath = partPath ?? path + ".part"
        self.path = path
        self.partPath = partPath
        self.isDurable = isDurable
        cleanup = ExitCleanup { unlink(partPath) }
        if isSecret { unlink(partPath) }
        let flags = isSecret ? O_EXCL | O_NOFOLLOW : O_TRUNC
        descriptor = open(partPath, O_RDWR | O_CREAT | O_CLOEXEC | flags, permissions)
        guard descriptor >= 0 else { throw FileError(path, "write it") }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            if !isCommitted { unlink(partPath) }
        }
    }

    /// Writes a small file in one go.
    ///
    /// - Throws: if the disk refuses; what was at `path` before stays then.
    package static func write(_ bytes: some Collection<UInt8>, to path: String) throws(FileError) {
        let file = try AtomicFile(path)
        try file.write(bytes)
        try file.commit()
    }

    /// A name for writing aside that no other thread or process uses at the same time.
    package static func uniquePartPath(of path: String) -> String {
        "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    }

    /// Makes `path` a symbolic link to `target`, in place of whatever is there.
    ///
    /// - Throws: if the link cannot be made.
    package static func link(_ path: String, to target: String) throws(FileError) {
        let partPath = uniquePartPath(of: path)
        let cleanup = ExitCleanup { unlink(partPath) }
        defer { withExtendedLifetime(cleanup) {} }
        guard symlink(target, partPath) == 0, rename(partPath, path) == 0 else {
            let error = FileError(path, "link it")
            unlink(partPath)
            throw error
        }
    }

    /// Appends bytes.
    ///
    /// Beside the general one, which is slower where it is called from other modules. As many as the
    /// buffer holds go to the system without it.
    ///
    /// - Throws: if the disk refuses them.
    package func write(_ bytes: [UInt8]) throws(FileError) {
        if buffer.isEmpty, bytes.count >= Self.bufferBytes { return try put(bytes) }
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Appends bytes.
    ///
    /// - Throws: if the disk refuses them.
    package func write(_ bytes: some Collection<UInt8>) throws(FileError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Writes over bytes that were written before.
    ///
    /// - Throws: if the disk refuses them.
    package func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try flush()
        guard lseek(descriptor, off_t(offset), SEEK_SET) == offset else { throw failure() }
        try put(bytes)
        guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw failure() }
    }

    /// Makes the file longer by zeros, up to `byteCount`.
    ///
    /// - Throws: if the disk refuses.
    package func extend(to byteCount: Int) throws(FileError) {
        try flush()
        // Space that is only promised would end the process where it is missing, once it is mapped.
        let code = posix_fallocate(descriptor, 0, off_t(byteCount))
        guard code == 0 else { throw FileError(path, "write it", SystemError(code)) }
        guard lseek(descriptor, 0, SEEK_END) >= 0 else { throw failure() }
    }

    /// Puts the bytes in the file's place, for whatever was there.
    ///
    /// - Throws: if the disk refuses; what was there before stays then.
    package func commit() throws(FileError) {
        try settle()
        try cleanup.cancel { () throws(FileError) in
            guard rename(partPath, path) == 0 else { throw failure() }
        }
        isCommitted = true
        try syncFolder()
    }

    /// Puts the bytes in the file's place if nothing is there; false if there is something.
    ///
    /// - Throws: if the disk refuses.
    package func commitIfAbsent() throws(FileError) -> Bool {
        try settle()
        guard Glibc.link(partPath, path) == 0 else {
            guard errno == EEXIST else { throw failure() }
            return false
        }
        // The other name goes with this object.
        try syncFolder()
        return true
    }

    /// Gives the written bytes to change in place, before they are committed.
    ///
    /// - Throws: if they cannot be mapped, or what `body` throws.
    package func withMappedBytes<Value>(
        _ body: (UnsafeMutableRawBufferPointer) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        try flush()
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        let count = Int(status.st_size)
        guard count > 0 else {
            return try body(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        }
        guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            base != MAP_FAILED
        else { throw FileError(path, "map it") }
        defer { munmap(base, count) }
        return try body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// Hands what is buffered to the system.
    private func flush() throws(FileError) {
        try put(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: [UInt8]) throws(FileError) {
        try mapError({ FileError(path, "write it", $0) }) { () throws(SystemError) in
            try DescriptorIO.write(bytes, to: descriptor)
        }
    }

    private func settle() throws(FileError) {
        precondition(!isCommitted, "a file is committed once")
        try flush()
        if isDurable { guard fsync(descriptor) == 0 else { throw failure() } }
    }

    private func syncFolder() throws(FileError) {
        guard isDurable else { return }
        let folder = PathBytes(path).folder.text
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw FileError(folder, "open the folder") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw FileError(folder, "sync the folder") }
    }

    private func failure() -> FileError { FileError(path, "write it") }
}
