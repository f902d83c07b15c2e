internal import CZeroMQ
internal import Synchronization

/// Tells when a socket's connections come and go.
///
/// Belongs to the same thread as its socket and must not outlive it.
package final class ConnectionMonitor {
    package enum Change: Hashable, Sendable {
        /// A peer has finished its handshake: messages can be sent.
        case connected
        /// A connection was lost.
        case disconnected
        /// The server's authenticator turned this peer's key away; libzmq does not try again.
        case refused
        /// The handshake broke off: the server has another key than the one that was given.
        case handshakeFailed
    }

    let handle: UnsafeMutableRawPointer
    // The context waits for all sockets, this one too.
    private let context: Context

    private static let count = Atomic<Int>(0)

    /// Watches `socket` from now on.
    package init(of socket: Socket, in context: Context) throws(ZeroMQError) {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        let endpoint = "inproc://connections-\(number)"
        let events =
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
            | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
        guard zmq_socket_monitor(socket.handle, endpoint, events) == 0 else {
            throw .last("zmq_socket_monitor")
        }
        guard let handle = zmq_socket(context.handle, ZMQ_PAIR) else { throw .last("zmq_socket") }
        self.handle = handle
        self.context = context
        var none: Int32 = 0
        guard zmq_setsockopt(handle, ZMQ_LINGER, &none, MemoryLayout<Int32>.size) == 0,
            zmq_connect(handle, endpoint) == 0
        else { throw .last("zmq_connect", endpoint) }
    }

    deinit { zmq_close(handle) }

    /// The next change, or nil if there was none.
    package func next() throws(ZeroMQError) -> Change? {
        // An event is two frames: number and value, then the address.
        guard let event = try frame() else { return nil }
        _ = try frame()
        guard event.count >= 2 else { return nil }
        switch Int32(event[0]) | Int32(event[1]) << 8 {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .connected
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            return .handshakeFailed
        default: return .disconnected
        }
    }

    private func frame() throws(ZeroMQError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let count = zmq_recv(handle, &bytes, bytes.count, ZMQ_DONTWAIT)
        guard count >= 0 else {
            if zmq_errno() == EAGAIN || zmq_errno() == EINTR { return nil }
            throw .last("zmq_recv", "monitor")
        }
        return Array(bytes.prefix(Int(count)))
    }
}
