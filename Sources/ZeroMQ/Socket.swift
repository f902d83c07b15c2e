internal import CZeroMQ

/// A socket that carries messages of one frame.
///
/// Not `Sendable`: a socket stays on the thread that made it. No call blocks.
package final class Socket {
    /// A message that has arrived.
    package enum Arrival {
        /// One frame.
        case message(peer: Peer, body: [UInt8])
        /// Not the one frame that the protocol has; its parts are dropped.
        case malformed(peer: Peer)
    }

    /// Where a message came from.
    package struct Peer {
        /// The routing id at a router; empty at a dealer.
        package var route: [UInt8] = []
        /// The name that the ``Authenticator`` gave; empty without one.
        package var user = ""
    }

    /// What became of a message given to ``send(_:to:)``.
    package enum Sending: Hashable, Sendable {
        case queued
        /// The peer takes nothing now; the message is dropped.
        case full
        /// No such peer any more; the message is dropped.
        case unreachable
    }

    let handle: UnsafeMutableRawPointer
    private let kind: SocketKind
    // Answers for the socket as long as it lives; nil unless peers show keys.
    private let judge: Authenticator?
    // Sockets must be closed before their context, which waits for them.
    private let context: Context

    /// - Parameter curve: keys of an encrypted socket; nil for plain text.
    package init(
        _ kind: SocketKind, in context: Context, options: SocketOptions = SocketOptions(),
        curve: CurveRole? = nil
    ) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, kind.number) else {
            throw .last("zmq_socket")
        }
        self.handle = handle
        self.kind = kind
        self.context = context
        if case .server(_, let judge)? = curve {
            precondition(judge.context === context, "an authenticator is its context's")
            self.judge = judge
        } else {
            judge = nil
        }
        for setting in options.settings(for: kind) {
            try set(setting.option, setting.name, setting.value)
        }
        var frameBytesMax = Int64(options.frameBytesMax)
        guard zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &frameBytesMax, 8) == 0 else {
            throw .last("zmq_setsockopt", "MAXMSGSIZE")
        }
        if let curve { try setCurve(curve) }
    }

    deinit { zmq_close(handle) }

    /// How long messages that are still unsent outlive the socket.
    package func setLinger(milliseconds: Int32) throws(ZeroMQError) {
        try set(ZMQ_LINGER, "LINGER", milliseconds)
    }

    /// Listens on `endpoint`, `tcp://ADDRESS:PORT` or `ipc://PATH`.
    ///
    /// - Returns: the endpoint with the port that was chosen, where 0 or `*` was asked.
    @discardableResult
    package func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        guard zmq_bind(handle, endpoint) == 0 else { throw .last("listen on", endpoint) }
        guard endpoint.hasSuffix(":0") || endpoint.hasSuffix(":*") else { return endpoint }
        // With IPv6 on, an IPv4 address is reported in its IPv6 form.
        let chosen = lastEndpoint ?? endpoint
        guard let start = chosen.firstRange(of: "[::ffff:"),
            let end = chosen.firstRange(of: "]")
        else { return chosen }
        return "tcp://\(chosen[start.upperBound..<end.lowerBound])\(chosen[end.upperBound...])"
    }

    /// Connects to `endpoint` now and whenever the connection is lost.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        guard zmq_connect(handle, endpoint) == 0 else { throw .last("connect to", endpoint) }
    }

    /// Hands one frame to the library; never waits.
    ///
    /// - Parameter peer: the routing id at a router; ignored at a dealer.
    package func send(_ body: [UInt8], to peer: [UInt8] = []) throws(ZeroMQError) -> Sending {
        if kind == .router {
            guard zmq_send(handle, peer, peer.count, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 else {
                return try refusal()
            }
        }
        guard zmq_send(handle, body, body.count, ZMQ_DONTWAIT) >= 0 else { return try refusal() }
        return .queued
    }

    /// The next message, or nil if none has arrived.
    package func receive() throws(ZeroMQError) -> Arrival? {
        guard var frame = try receiveFrame() else { return nil }
        var peer = Peer()
        if kind == .router {
            peer.route = frame.bytes
            guard frame.hasMore, let second = try receiveFrame() else {
                return .malformed(peer: peer)
            }
            frame = second
        }
        // Not from the routing frame: libzmq 4.3.4 loses the name there now and then.
        peer.user = frame.user
        if !frame.hasMore { return .message(peer: peer, body: frame.bytes) }
        while frame.hasMore, let next = try receiveFrame() { frame = next }
        return .malformed(peer: peer)
    }

    // MARK: Calls

    private struct Frame {
        var bytes: [UInt8]
        var user: String
        var hasMore: Bool
    }

    private func receiveFrame() throws(ZeroMQError) -> Frame? {
        var message = zmq_msg_t()
        zmq_msg_init(&message)
        defer { zmq_msg_close(&message) }
        while zmq_msg_recv(&message, handle, ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return nil
            default: throw .last("zmq_msg_recv")
            }
        }
        let bytes = UnsafeRawBufferPointer(
            start: zmq_msg_data(&message), count: zmq_msg_size(&message))
        let user = judge != nil ? zmq_msg_gets(&message, "User-Id") : nil
        return Frame(
            bytes: Array(bytes), user: user.map { String(cString: $0) } ?? "",
            hasMore: zmq_msg_more(&message) != 0)
    }

    private func refusal() throws(ZeroMQError) -> Sending {
        switch zmq_errno() {
        case EAGAIN, EINTR: return .full
        case EHOSTUNREACH: return .unreachable
        default: throw .last("zmq_send")
        }
    }

    func set(_ option: Int32, _ name: String, _ value: Int32) throws(ZeroMQError) {
        var value = value
        guard zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size) == 0 else {
            throw .last("zmq_setsockopt", name)
        }
    }

    func set(_ option: Int32, _ name: String, _ value: [UInt8]) throws(ZeroMQError) {
        guard zmq_setsockopt(handle, option, value, value.count) == 0 else {
            throw .last("zmq_setsockopt", name)
        }
    }

    private var lastEndpoint: String? {
        var text = [UInt8](repeating: 0, count: 1_024)
        var length = text.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &length) == 0, length > 0 else {
            return nil
        }
        return String(decoding: text[..<(length - 1)], as: UTF8.self)
    }
}
