internal import Glibc
internal import Testing
internal import ZeroMQ

@Suite("Sockets of one-frame messages") struct SocketTests {
    @Test("a message goes to the router with its sender and the answer comes back")
    func roundTrip() throws {
        let context = try Context()
        let router = try Socket(.router, in: context)
        let endpoint = try router.bind("tcp://127.0.0.1:0")
        let dealer = try Socket(.dealer, in: context)
        let monitor = try ConnectionMonitor(of: dealer, in: context)
        try dealer.connect(endpoint)
        #expect(try change(of: monitor) == .connected)

        #expect(try dealer.send([1, 2, 3]) == .queued)
        guard case .message(let peer, let body) = try arrival(of: router) else {
            Issue.record("the message was refused")
            return
        }
        #expect(body == [1, 2, 3])
        #expect(try router.send([], to: peer.route) == .queued)
        guard case .message(_, let answer) = try arrival(of: dealer) else {
            Issue.record("the answer was refused")
            return
        }
        #expect(answer.isEmpty)
    }

    @Test("a message to a peer that is gone is reported, not lost in silence")
    func unreachable() throws {
        let router = try Socket(.router, in: try Context())
        try router.bind("tcp://127.0.0.1:0")
        #expect(try router.send([1], to: [0, 1, 2, 3, 4]) == .unreachable)
    }

    @Test("nothing is queued for a connection that is not there")
    func notConnected() throws {
        let dealer = try Socket(.dealer, in: try Context())
        try dealer.connect("ipc:///tmp/scriptorium-nobody-listens-here")
        #expect(try dealer.send([1]) == .full)
    }

    @Test("a frame above the limit ends the connection before it is taken")
    func oversize() throws {
        let context = try Context()
        var options = SocketOptions()
        options.frameBytesMax = 1_000
        let router = try Socket(.router, in: context, options: options)
        let endpoint = try router.bind("tcp://127.0.0.1:0")
        let dealer = try Socket(.dealer, in: context)
        let monitor = try ConnectionMonitor(of: dealer, in: context)
        try dealer.connect(endpoint)
        #expect(try change(of: monitor) == .connected)
        #expect(try dealer.send([UInt8](repeating: 7, count: 1_001)) == .queued)
        #expect(try change(of: monitor) == .disconnected)
        #expect(try router.receive() == nil)
    }

    @Test("an address that is taken, wrong or too long is refused with the remedy")
    func badEndpoints() throws {
        let context = try Context()
        let first = try Socket(.router, in: context)
        let endpoint = try first.bind("tcp://127.0.0.1:0")
        let second = try Socket(.router, in: context)
        #expect { try second.bind(endpoint) } throws: {
            ($0 as? ZeroMQError)?.code == .addressInUse
        }
        #expect { try second.bind("tcp://no port") } throws: {
            ($0 as? ZeroMQError)?.code == .badAddress
        }
        let long = "ipc:///tmp/" + String(repeating: "x", count: 120)
        #expect { try second.bind(long) } throws: { ($0 as? ZeroMQError)?.code == .nameTooLong }
    }

    private func change(of monitor: ConnectionMonitor) throws -> ConnectionMonitor.Change? {
        for _ in 0..<100 {
            if let change = try monitor.next() { return change }
            try Poller.wait(for: [.monitor(monitor)], milliseconds: 100)
        }
        return nil
    }

    private func arrival(of socket: Socket) throws -> Socket.Arrival? {
        for _ in 0..<100 {
            if let arrival = try socket.receive() { return arrival }
            try Poller.wait(for: [.socket(socket)], milliseconds: 100)
        }
        return nil
    }
}
