internal import CZeroMQ

/// The library's own thread and memory; one per process, for its whole life.
///
/// Safe to use from any thread; sockets made from it stay on the thread that made them.
package final class Context: Sendable {
    // libzmq documents a context as safe to share between threads, and the reference never changes.
    private let address: UInt

    /// - Throws: when the process has no memory or descriptors left.
    package init() throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else { throw .last("zmq_ctx_new") }
        address = UInt(bitPattern: handle)
    }

    /// Waits until messages of closed sockets are sent, at most for their linger time.
    deinit { zmq_ctx_term(handle) }

    var handle: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: address) }
}
