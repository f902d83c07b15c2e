internal import CZeroMQ

/// Judges who may finish a CURVE handshake with the context's servers (ZeroMQ's ZAP).
///
/// One a context, made before its servers listen; stays on the thread that made it. Handshakes
/// wait for ``answer(atMost:_:)``, and fail when it is not called within the handshake time.
package final class Authenticator {
    /// Somebody who has shown to own a key.
    package struct Request {
        /// The public key, 32 bytes.
        package let key: [UInt8]
        /// The peer's network address, for people.
        package let address: String
    }

    let handle: UnsafeMutableRawPointer
    // The context waits for all sockets, this one too.
    let context: Context

    /// What ZAP fixes: where requests come in, and what they and answers begin with.
    private static let endpoint = "inproc://zeromq.zap.01"
    private static let version = Array("1.0".utf8)
    /// Bytes of one frame and frames of one request: libzmq's own are far below.
    private static let frameBytesMax = 512
    private static let framesMax = 8

    package init(in context: Context) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, ZMQ_REP) else { throw .last("zmq_socket") }
        self.handle = handle
        self.context = context
        var none: Int32 = 0
        guard zmq_setsockopt(handle, ZMQ_LINGER, &none, MemoryLayout<Int32>.size) == 0,
            zmq_bind(handle, Self.endpoint) == 0
        else { throw .last("listen on", Self.endpoint) }
    }

    deinit { zmq_close(handle) }

    /// Answers what waits, at most `countMax` requests.
    ///
    /// - Parameter judge: the name that the peer's messages will carry, or nil to turn it away.
    package func answer(
        atMost countMax: Int, _ judge: (Request) -> String?
    ) throws(ZeroMQError) {
        for _ in 0..<countMax {
            guard let frames = try receive() else { return }
            guard frames.count >= 6, frames[0] == Self.version else {
                try reply(to: frames.count > 1 ? frames[1] : [], user: nil)
                continue
            }
            var user: String?
            if frames.count == 7, frames[5] == Array("CURVE".utf8),
                frames[6].count == CurveKeyPair.keyBytes
            {
                user = judge(Request(key: frames[6], address: Self.address(frames[3])))
            }
            try reply(to: frames[1], user: user)
        }
    }

    /// With IPv6 on, an IPv4 address comes in its IPv6 form.
    private static func address(_ frame: [UInt8]) -> String {
        let text = String(decoding: frame, as: UTF8.self)
        return text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text
    }

    private func reply(to request: [UInt8], user: String?) throws(ZeroMQError) {
        let code = Array((user == nil ? "400" : "200").utf8)
        let frames = [Self.version, request, code, [], Array((user ?? "").utf8), []]
        for (index, frame) in frames.enumerated() {
            let more = index + 1 < frames.count ? ZMQ_SNDMORE : 0
            guard zmq_send(handle, frame, frame.count, ZMQ_DONTWAIT | more) >= 0 else {
                throw .last("zmq_send", "authenticator")
            }
        }
    }

    private func receive() throws(ZeroMQError) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        var hasMore = true
        while hasMore {
            var bytes = [UInt8](repeating: 0, count: Self.frameBytesMax)
            let count = zmq_recv(handle, &bytes, bytes.count, ZMQ_DONTWAIT)
            guard count >= 0 else {
                if zmq_errno() == EAGAIN || zmq_errno() == EINTR { return nil }
                throw .last("zmq_recv", "authenticator")
            }
            if frames.count < Self.framesMax {
                frames.append(Array(bytes.prefix(min(Int(count), bytes.count))))
            }
            var more: Int32 = 0
            var size = MemoryLayout<Int32>.size
            guard zmq_getsockopt(handle, ZMQ_RCVMORE, &more, &size) == 0 else {
                throw .last("zmq_getsockopt", "RCVMORE")
            }
            hasMore = more != 0
        }
        return frames
    }
}
