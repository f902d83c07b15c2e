internal import Glibc

/// Holds a lock file, as the hub's own tools do, so that a file is downloaded once at a time.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for the lock.
    ///
    /// - Parameter whileWaiting: called once if another process holds it.
    init(_ path: String, whileWaiting: () -> Void) throws(HubError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CacheFiles.failure("open the lock", path) }
        var operation = LOCK_EX | LOCK_NB
        while flock(descriptor, operation) != 0 {
            let code = errno
            if code == EWOULDBLOCK {
                whileWaiting()
                operation = LOCK_EX
            } else if code != EINTR {
                close(descriptor)
                throw CacheFiles.failure("lock", path, code)
            }
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
