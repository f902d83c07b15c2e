internal import Glibc

/// A thread that may block, and a way to wait for its end.
final class DedicatedThread: Sendable {
    private let hasEnded: Guarded<Bool>

    /// Starts `body` at once.
    init(_ body: @escaping @Sendable () -> Void) throws(RuntimeError) {
        let hasEnded = Guarded(false)
        self.hasEnded = hasEnded
        let work = Work {
            body()
            hasEnded.withLock { $0 = true }
        }
        let argument = Unmanaged.passRetained(work)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Engines recurse and keep buffers on the stack; only touched pages cost memory.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                work.body()
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            throw RuntimeError(
                .system, "a thread could not be started: \(String(cString: strerror(status)))")
        }
    }

    /// Blocks until the body has returned.
    func join() {
        hasEnded.wait { $0 ? () : nil }
    }

    /// Blocks until the body has returned or the time is over; false if it still runs.
    func join(milliseconds: Int) -> Bool {
        hasEnded.wait(milliseconds: milliseconds) { $0 ? true : nil } ?? false
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
