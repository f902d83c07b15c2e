import ClusterProtocol
import ClusterRuntime
import Foundation
import HTTPService
import JobDashboard
import LoopbackServers
import Processes
import Testing

/// `make hostile` runs these with more strangers.
@Suite("A job's page among hostile peers", .serialized)
struct HostilePeerHTTPTests {
    private static let token = "0123456789abcdef0123456789"
    private static let strangers =
        ProcessInfo.processInfo.environment["SCRIPTORIUM_STRANGERS"].flatMap { Int($0) } ?? 300
    /// What the process may grow by while it is attacked.
    private static let growthMax = 64 << 20

    private let board = StatusBoard()
    private let listener: HTTPListener

    /// A job whose list of workers is a long answer.
    init() throws {
        let address = try #require(HTTPAddress("0"))
        let file = NSTemporaryDirectory() + UUID().uuidString
        try Data((Self.token + "\n").utf8).write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let dashboard = JobDashboard(
            board, try HTTPAccess(address, tokenFile: file), .init(title: "out.jsonl"),
            processNumbers: {
                .init(version: "1", startSeconds: 0, cpuSeconds: 0, residentBytes: 0)
            }, wallSeconds: { 0 })
        listener = try HTTPListener(address) {
            dashboard.answer(to: $0) ?? .reply(HTTPReply(404, "none\n"))
        }
        var status = JobStatus()
        status.rowsTotal = 5
        board.post(
            status,
            (0..<1_000).map {
                WorkerStatus(
                    slot: "node-\($0)/0", state: .idle, arithmetic: "fp32/avx2/openblas-0.3",
                    build: "1", cores: 1, memoryBytes: 2, speed: 1, rowsHeld: 0,
                    audioMillisecondsHeld: 0, rowsInEngine: 0, computedMilliseconds: 0,
                    silentMilliseconds: 0)
            })
    }

    private func client(_ request: String) throws -> RawHTTPClient {
        let client = try RawHTTPClient(port: listener.address.port)
        client.send(request)
        return client
    }

    private func request(_ path: String, _ fields: String = "", token: String? = Self.token)
        -> String
    {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
            + (token.map { "Authorization: Bearer \($0)\r\n" } ?? "") + fields + "\r\n"
    }

    /// Whoever has the token is answered, whatever others do.
    private func expectService() throws {
        let answer = try client(request("/api/v1/status")).receiveToEnd()
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(200))")
        #expect(answer.contains("\"rows\":5,"))
    }

    @Test("without the token, or with any other, nothing of the job is told")
    func tokens() throws {
        let near = [nil, "", String(Self.token.dropLast()), Self.token + "0", Self.token + " x"]
        for token in near {
            for path in ["/api/v1/status", "/metrics", "/api/v1/stream", "/api/v1/audio?row=1"] {
                let answer = try client(request(path, token: token)).receiveToEnd()
                #expect(answer.hasPrefix("HTTP/1.1 401 "), "\(path) for \(token ?? "none")")
                #expect(!answer.contains("out.jsonl") && !answer.contains("scriptorium_rows"))
            }
        }
        for guess in 0..<Self.strangers {
            let answer = try client(request("/metrics", token: "guess-\(guess)-0123456789"))
            #expect(answer.receiveToEnd().hasPrefix("HTTP/1.1 401 "))
        }
        // Neither does the token open anything from an address.
        let inQuery = try client(
            request("/api/v1/status?token=\(Self.token)", token: nil)
        ).receiveToEnd()
        #expect(inQuery.hasPrefix("HTTP/1.1 401 "))
        try expectService()
    }

    @Test("pages of other origins get nothing, even with the token")
    func origins() throws {
        for origin in ["http://evil.example", "null", "http://localhost.evil.example", "file://"] {
            let answer = try client(request("/api/v1/status", "Origin: \(origin)\r\n"))
                .receiveToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 403 "), "\(origin)")
            #expect(!answer.lowercased().contains("access-control"))
        }
        let twice = request("/api/v1/status", "Host: evil.example\r\n")
        #expect(try client(twice).receiveToEnd().hasPrefix("HTTP/1.1 400 "))
        try expectService()
    }

    @Test("a name of theirs that leads here is no name of this machine")
    func rebinding() throws {
        let address = try #require(HTTPAddress("0"))
        let access = try HTTPAccess(address, tokenFile: nil)
        for host in [
            "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0",
            "10.0.0.1", "[::2]", "[::1", "", "127.1:80@evil.example", "localhost@evil.example",
        ] {
            let request = HTTPRequest(method: "GET", path: "/metrics", fields: ["host": host])
            #expect(access.refusal(of: request)?.status == 403, "\(host)")
        }
        for host in ["localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST"] {
            let request = HTTPRequest(method: "GET", path: "/metrics", fields: ["host": host])
            #expect(access.refusal(of: request) == nil, "\(host)")
        }
    }

    @Test("heads that are too long or are none are refused, in any number")
    func oversized() throws {
        let before = ProcessMemory.residentBytes()
        let long = String(repeating: "a", count: 100_000)
        let requests = [
            "GET /\(long) HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nX: \(long)\r\n\r\n",
            "GET / HTTP/1.1\r\n" + String(repeating: "X: a\r\n", count: 20_000) + "\r\n",
            String(repeating: "\r\n", count: 50_000),
        ]
        for index in 0..<Self.strangers {
            let answer = try client(requests[index % requests.count]).receiveToEnd()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 431 "), "\(answer.prefix(100))")
        }
        for odd in ["\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n"] {
            #expect(try client(odd).receiveToEnd().hasPrefix("HTTP/1.1 400 "))
        }
        #expect(ProcessMemory.residentBytes() - before < Self.growthMax)
        try expectService()
    }

    @Test("readers that take nothing cost a connection, and keep nobody waiting")
    func slowReaders() throws {
        let before = ProcessMemory.residentBytes()
        var slow: [RawHTTPClient] = []
        for index in 0..<Self.strangers {
            let path = index.isMultiple(of: 2) ? "/api/v1/workers" : "/api/v1/stream"
            slow.append(try client(request(path)))
            if index.isMultiple(of: 50) { try expectService() }
        }
        for _ in 0..<20 { board.tell(String(repeating: "n", count: 2_000)) }
        try expectService()
        // Answers that wait for their readers are held for each; the readers are bounded in number.
        #expect(
            ProcessMemory.residentBytes() - before
                < Self.growthMax + HTTPConnections.connectionsMax * (1 << 20))
        withExtendedLifetime(slow) {}
        try expectService()
    }
}
