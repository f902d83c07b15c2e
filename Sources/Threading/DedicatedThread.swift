internal import Glibc

/// A thread that may block or compute, with a way to wait for its end.
///
/// The cooperative pool of Swift concurrency must never wait, so whatever does has its own thread.
package final class DedicatedThread: Sendable {
    private let hasEnded: Guarded<Bool>

    /// Starts `body` at once.
    ///
    /// - Precondition: the system has a thread to give.
    package init(_ body: @escaping @Sendable () -> Void) {
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
        // Matrix libraries keep buffers on the stack; only touched pages cost memory.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument.toOpaque())
        precondition(status == 0, "the system gives no more threads")
    }

    /// Blocks until the body has returned.
    package func join() {
        hasEnded.wait { $0 ? () : nil }
    }

    /// Blocks until the body has returned or the time is over; false if it still runs.
    package func join(milliseconds: Int) -> Bool {
        hasEnded.wait(milliseconds: milliseconds) { $0 ? true : nil } ?? false
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
