import Glibc
import HTTPService
import HealthService
import LoopbackServers
import Processes
import Testing
import Threading

@Suite("A process that answers for its health")
struct HTTPListenerTests {
    private let report: HealthReport
    private let work: WorkMeter
    private let listener: HTTPListener

    init() throws {
        let work = WorkMeter()
        let report = HealthReport(work: work)
        self.work = work
        self.report = report
        listener = try HTTPListener(#require(HTTPAddress("0"))) { .reply(report.reply(to: $0)) }
    }

    private func ask(_ path: String) -> (status: Int, body: String)? {
        HealthProbe.ask(listener.address, for: path, withinMilliseconds: 10_000)
    }

    @Test("it lives at once, and is ready when it says so and nothing long keeps it")
    func readiness() {
        #expect(ask("/healthz")?.status == 200)
        #expect(ask("/readyz")?.status == 503)
        report.becomeReady("the canary is computed")
        #expect(ask("/readyz")?.status == 200)
        #expect(ask("/readyz")?.body == "ready: the canary is computed\n")
        work.begin("writing out.jsonl", .rows)
        #expect(ask("/readyz")?.status == 503)
        #expect(ask("/readyz")?.body.contains("writing out.jsonl") == true)
        #expect(ask("/healthz")?.status == 200)
        work.end()
        #expect(ask("/readyz")?.status == 200)
    }

    @Test("other paths and methods are told what is answered")
    func others() throws {
        #expect(ask("/")?.status == 404)
        #expect(ask("/readyz/..")?.status == 404)
        let client = try RawHTTPClient(port: listener.address.port)
        client.send("POST /healthz HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody")
        let answer = client.receiveToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 405 "))
        #expect(answer.contains("\r\nAllow: GET, HEAD\r\n"))
    }

    @Test("a request for the head has no body, and its connection ends")
    func head() throws {
        let client = try RawHTTPClient(port: listener.address.port)
        client.send("HEAD /healthz HTTP/1.1\r\n\r\n")
        let answer = client.receiveToEnd()
        #expect(answer.contains("Content-Length: 3\r\n"))
        #expect(answer.hasSuffix("Connection: close\r\n\r\n"))
    }

    @Test("a request may come in pieces, and many may follow it in vain")
    func pieces() throws {
        let client = try RawHTTPClient(port: listener.address.port)
        for part in ["GET /hea", "lthz HTTP/1.1\r\n", "Host: a\r\n\r", "\n"] { client.send(part) }
        for _ in 0..<100 { client.send("GET /healthz HTTP/1.1\r\n\r\n") }
        let answer = client.receiveToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.split(separator: "HTTP/1.1").count == 1)
    }

    @Test("a head without end is refused, and costs no more than its limit")
    func endless() throws {
        let client = try RawHTTPClient(port: listener.address.port)
        client.send("GET /healthz HTTP/1.1\r\nX: ")
        client.send(String(repeating: "a", count: 16 << 10))
        #expect(client.receiveToEnd().hasPrefix("HTTP/1.1 431 "))
    }

    @Test("connections that say nothing keep nobody out: the oldest ends for one too many")
    func idle() throws {
        let idle = try (0..<HTTPConnections.connectionsMax).map { _ in
            try RawHTTPClient(port: listener.address.port)
        }
        let byteSender = try #require(idle.last)
        byteSender.send("G")
        #expect(ask("/healthz")?.status == 200)
        #expect(idle[0].receiveToEnd() == "")
        // The youngest is still served.
        byteSender.send("ET /healthz HTTP/1.1\r\n\r\n")
        #expect(byteSender.receiveToEnd().hasPrefix("HTTP/1.1 200 "))
    }

    @Test("a peer that goes away in the middle takes nothing along")
    func goneAway() throws {
        for _ in 0..<50 {
            let client = try RawHTTPClient(port: listener.address.port)
            client.send("GET /healthz HTTP/1.1\r\n")
            client.reset()
        }
        #expect(ask("/healthz")?.status == 200)
    }

    @Test("an address that is taken is refused, with what to do; once it is free it is not")
    func taken() throws {
        let address = listener.address
        let error = #expect(throws: RuntimeError.self) {
            try HTTPListener(address) { _ in .reply(HTTPReply(200, "")) }
        }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("--http \(address)") == true)
        listener.stop()
        #expect(HealthProbe.ask(address, for: "/healthz", withinMilliseconds: 1_000) == nil)
        let next = try HTTPListener(address) { _ in .reply(HTTPReply(200, "next")) }
        #expect(ask("/healthz")?.body == "next")
        next.stop()
    }
}
