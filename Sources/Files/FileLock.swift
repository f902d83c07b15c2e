internal import Glibc

/// A lock that one process at a time holds on a file or folder; given back when this goes, and with the
/// process.
package final class FileLock: Sendable {
    private let path: String
    private let descriptor: Int32

    private init(_ path: String, _ descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        // A child that was forked and has not started its program yet shares the open file, and with it
        // the lock, which closing alone leaves to it.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// The lock of a file that is made if it is not there; nil if another process holds it.
    ///
    /// - Throws: if the file cannot be opened or locked.
    package static func ifFree(
        file path: String, permissions: UInt32
    ) throws(FileError) -> FileLock? {
        try ifFree(path, O_RDWR | O_CREAT | O_CLOEXEC, permissions)
    }

    /// The lock of a folder; nil if another process holds it.
    ///
    /// - Throws: if the folder cannot be opened or locked.
    package static func ifFree(folder path: String) throws(FileError) -> FileLock? {
        try ifFree(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    }

    /// The lock of a file that is made if it is not there, as soon as no other process holds it.
    ///
    /// - Parameter whileWaiting: called once if another process holds it.
    /// - Throws: if the file cannot be opened or locked.
    package static func wait(
        forFile path: String, permissions: UInt32, whileWaiting: () -> Void
    ) throws(FileError) -> FileLock {
        let lock = try open(path, O_RDWR | O_CREAT | O_CLOEXEC, permissions)
        if try lock.acquire(LOCK_EX | LOCK_NB) { return lock }
        whileWaiting()
        while try !lock.acquire(LOCK_EX) {}
        return lock
    }

    private static func ifFree(
        _ path: String, _ flags: Int32, _ permissions: UInt32
    ) throws(FileError) -> FileLock? {
        let lock = try open(path, flags, permissions)
        return try lock.acquire(LOCK_EX | LOCK_NB) ? lock : nil
    }

    private static func open(
        _ path: String, _ flags: Int32, _ permissions: UInt32
    ) throws(FileError) -> FileLock {
        let descriptor = Glibc.open(path, flags, permissions)
        guard descriptor >= 0 else { throw FileError(path, "open it to lock it") }
        return FileLock(path, descriptor)
    }

    /// Whether the lock is held now; false only if another process holds it.
    private func acquire(_ operation: Int32) throws(FileError) -> Bool {
        while flock(descriptor, operation) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw FileError(path, "lock it") }
        }
        return true
    }

    /// Makes the names in the folder that is locked durable.
    ///
    /// - Throws: if the disk refuses.
    package func syncFolder() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path, "sync the folder") }
    }
}
