internal import Glibc
internal import SystemErrors

/// The system has no thread to give.
package struct ThreadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, and what helps.
    package let description: String

    init(_ number: Int32) {
        description =
            "a thread could not be started: \(SystemError.text(of: number))"
            + SystemError.remedy(forStarting: number)
    }
}

/// A thread that may block or compute, with a way to wait for its end.
///
/// The cooperative pool of Swift concurrency must never wait, so whatever does has its own thread.
package final class DedicatedThread: Sendable {
    private let hasEnded: Guarded<Bool>

    /// Matrix libraries keep buffers on the stack; only touched pages cost memory.
    package static let usualStackBytes = 8 << 20

    /// Starts `body` at once.
    ///
    /// - Throws: if the system gives no more threads, or no memory for a stack.
    package init(
        stackBytes: Int = DedicatedThread.usualStackBytes, _ body: @escaping @Sendable () -> Void
    ) throws(ThreadError) {
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
        pthread_attr_setstacksize(&attributes, stackBytes)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            throw ThreadError(status)
        }
    }

    /// Finds out whether the system gives `count` threads at this moment.
    ///
    /// For libraries that end the process when they get none.
    package static func check(forStarting count: Int) throws(ThreadError) {
        let mayEnd = Guarded(false)
        defer { mayEnd.withLock { $0 = true } }
        for _ in 0..<count {
            _ = try DedicatedThread { mayEnd.wait { $0 ? () : nil } }
        }
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
