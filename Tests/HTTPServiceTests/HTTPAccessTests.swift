import HTTPService
import Processes
import TemporaryFolders
import Testing

@Suite("Who may see a job")
struct HTTPAccessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func access(_ address: String, token: String? = nil) throws -> HTTPAccess {
        let file = try token.map { try folder.write("token", $0) }
        return try HTTPAccess(#require(HTTPAddress(address)), tokenFile: file)
    }

    private func status(_ access: HTTPAccess, _ fields: [String: String]) -> Int? {
        access.refusal(of: HTTPRequest(method: "GET", path: "/metrics", fields: fields))?.status
    }

    @Test(
        "programs of this machine see it under the names of this machine",
        arguments: ["localhost", "LOCALHOST:8080", "127.0.0.1:80", "127.9.9.9", "[::1]:8080"])
    func thisMachine(host: String) throws {
        #expect(try status(access("8080"), ["host": host]) == nil)
        #expect(try status(access("8080"), ["host": host, "origin": "http://\(host)"]) == nil)
    }

    @Test(
        "a name that strangers may lead here is refused",
        arguments: [
            "", "evil.example", "127.evil.example", "127.0.0.1.evil.example:8080",
            "localhost.evil.example",
            "10.0.0.5", "[::1", "[::2]:80", "0.0.0.0",
        ])
    func rebinding(host: String) throws {
        #expect(try status(access("8080"), ["host": host]) == 403)
    }

    @Test("pages of other origins are refused, with a token and without")
    func origins() throws {
        let secret = "0123456789abcdef"
        for origin in ["http://evil.example", "null", "http://localhost:9090"] {
            let fields = ["host": "localhost:8080", "origin": origin]
            #expect(try status(access("8080"), fields) == 403)
            let token = fields.merging(["authorization": "Bearer \(secret)"]) { $1 }
            #expect(try status(access("8080", token: secret), token) == 403)
        }
    }

    @Test("an address that other machines reach shows nothing without a token")
    func otherMachines() throws {
        let open = try access("0.0.0.0:8080")
        #expect(status(open, ["host": "localhost"]) == 403)
        let secret = "0123456789abcdef"
        let guarded = try access("0.0.0.0:8080", token: " \(secret)\n")
        #expect(status(guarded, ["host": "node7:8080"]) == 401)
        #expect(status(guarded, ["authorization": "Bearer \(secret)x"]) == 401)
        #expect(status(guarded, ["authorization": secret]) == 401)
        #expect(status(guarded, ["authorization": "Basic \(secret)"]) == 401)
        #expect(
            status(guarded, ["host": "node7:8080", "authorization": "bearer \(secret)"]) == nil)
    }

    @Test(
        "a file without a token is refused, with how to make one",
        arguments: ["", "\n", "short", "two words of a token", "ümlaut-is-no-ascii-token"])
    func noToken(text: String) throws {
        let error = #expect(throws: RuntimeError.self) { try access("8080", token: text) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("/dev/urandom") == true)
    }

    @Test("a token that has no end is refused, and so is a file that is not there")
    func unusable() throws {
        #expect(throws: RuntimeError.self) {
            try access("8080", token: String(repeating: "a", count: 100_000))
        }
        let error = #expect(throws: RuntimeError.self) {
            try HTTPAccess(#require(HTTPAddress("8080")), tokenFile: folder.file("none"))
        }
        #expect(error?.message.contains("--http-token") == true)
    }
}
