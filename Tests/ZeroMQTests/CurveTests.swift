internal import Glibc
internal import Testing
internal import ZeroMQ

@Suite("Encrypted sockets") struct CurveTests {
    /// One a process: ending a context with CURVE can harm another (libzmq 4.3.4).
    private static let context = Result { try Context() }

    @Test("a secret key gives the same pair again, and is not printed")
    func pairs() throws {
        let pair = try CurveKeyPair()
        #expect(pair.publicKey.count == 32 && pair.secretKey.count == 32)
        #expect(pair.publicKey != pair.secretKey)
        #expect(try CurveKeyPair(secretKey: pair.secretKey) == pair)
        #expect("\(pair)" == "CurveKeyPair")
        #expect(throws: ZeroMQError.self) { try CurveKeyPair(secretKey: [1, 2, 3]) }
    }

    @Test("who is let in carries the name that the authenticator gave, and others are told")
    func judged() throws {
        let context = try Self.context.get()
        let serverKeys = try CurveKeyPair()
        let friend = try CurveKeyPair()
        let stranger = try CurveKeyPair()
        let authenticator = try Authenticator(in: context)
        let router = try Socket(
            .router, in: context, curve: .server(serverKeys, judge: authenticator))
        let endpoint = try router.bind("tcp://127.0.0.1:0")
        func judge() throws {
            try authenticator.answer(atMost: 10) { request in
                request.key == friend.publicKey ? "friend at \(request.address)" : nil
            }
        }
        let welcome = try Client(friend, serverKeys.publicKey, in: context, endpoint)
        #expect(try welcome.change(meanwhile: judge) == .connected)
        #expect(try welcome.socket.send([7]) == .queued)
        var arrival: Socket.Arrival?
        for _ in 0..<100 where arrival == nil {
            try Poller.wait(for: [.socket(router)], milliseconds: 100)
            arrival = try router.receive()
        }
        guard case .message(let peer, [7])? = arrival else {
            Issue.record("the friend's message did not arrive")
            return
        }
        #expect(peer.user == "friend at 127.0.0.1")

        let refused = try Client(stranger, serverKeys.publicKey, in: context, endpoint)
        #expect(try refused.change(meanwhile: judge) == .refused)
        let deceived = try Client(friend, stranger.publicKey, in: context, endpoint)
        #expect(try deceived.change(meanwhile: judge) == .handshakeFailed)
        #expect(try router.receive() == nil)
    }

    /// A dealer with keys, and what becomes of its connection.
    private struct Client {
        let socket: Socket
        private let monitor: ConnectionMonitor

        init(
            _ own: CurveKeyPair, _ server: [UInt8], in context: Context, _ endpoint: String
        ) throws {
            socket = try Socket(.dealer, in: context, curve: .client(own, server: server))
            monitor = try ConnectionMonitor(of: socket, in: context)
            try socket.connect(endpoint)
        }

        /// The first change, or nil if none came within a few seconds.
        func change(meanwhile work: () throws -> Void = {}) throws -> ConnectionMonitor.Change? {
            for _ in 0..<300 {
                try work()
                if let change = try monitor.next() { return change }
                try Poller.wait(for: [.monitor(monitor)], milliseconds: 10)
            }
            return nil
        }
    }
}
