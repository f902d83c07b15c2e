internal import Glibc

/// A thread of our own, for work that blocks or computes: the cooperative pool must never wait.
struct DedicatedThread: ~Copyable {
    private let handle: pthread_t

    /// Starts `body` at once.
    init(_ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 8 << 20)
        var handle = pthread_t()
        let status = pthread_create(
            &handle, &attributes,
            { context in
                guard let context else { return nil }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        precondition(status == 0, "the system gives no more threads")
        self.handle = handle
    }

    /// Waits until the thread's work is done.
    consuming func join() {
        pthread_join(handle, nil)
    }

    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
