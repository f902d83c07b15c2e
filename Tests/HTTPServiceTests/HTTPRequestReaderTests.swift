import HTTPService
import Testing

@Suite("Reading requests")
struct HTTPRequestReaderTests {
    private func outcome(_ text: String) -> HTTPRequestReader.Outcome {
        var reader = HTTPRequestReader()
        return reader.take(Array(text.utf8))
    }

    private func status(_ outcome: HTTPRequestReader.Outcome) -> Int? {
        guard case .refused(let reply) = outcome else { return nil }
        return reply.status
    }

    @Test("a request is the same in one piece and byte by byte")
    func pieces() {
        let text = "GET /readyz?full=1 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nGET /more"
        let request = HTTPRequest(
            method: "GET", path: "/readyz", query: "full=1", fields: ["host": "a", "x": "y"])
        #expect(outcome(text) == .request(request))
        var reader = HTTPRequestReader()
        let outcomes = text.utf8.map { reader.take([$0]) }
        #expect(outcomes.first { $0 != .more } == .request(request))
    }

    @Test("lines may end without a carriage return, and empty ones may come first")
    func loose() {
        #expect(
            outcome("\r\n\nHEAD / HTTP/1.0\n\n") == .request(HTTPRequest(method: "HEAD", path: "/"))
        )
    }

    @Test("fields are known by names in lower case, without blanks around their values")
    func fields() {
        let request = HTTPRequest(
            method: "GET", path: "/", fields: ["accept": "text/plain; q=1", "x-empty": ""])
        #expect(
            outcome("GET / HTTP/1.1\r\nAccept: \t text/plain; q=1 \r\nX-Empty:\r\n\r\n")
                == .request(request))
        #expect(status(outcome("GET / HTTP/1.1\r\nno colon\r\n\r\n")) == 400)
        #expect(status(outcome("GET / HTTP/1.1\r\n: no name\r\n\r\n")) == 400)
    }

    @Test(
        "a field that decides who may ask stands once",
        arguments: ["Host", "Authorization", "Origin"])
    func twice(name: String) {
        #expect(
            status(outcome("GET / HTTP/1.1\r\n\(name): a\r\n\(name.lowercased()): b\r\n\r\n"))
                == 400)
    }

    @Test("a head that has not ended wants more")
    func more() {
        #expect(outcome("GET / HTTP/1.1\r\nHost: a\r\n") == .more)
        #expect(outcome("") == .more)
    }

    @Test("a head that does not end is refused at its limit, however it comes")
    func endless() {
        var reader = HTTPRequestReader()
        var taken = 0
        var refusal: Int?
        while refusal == nil, taken < 1 << 20 {
            refusal = status(reader.take(repeatElement(UInt8(ascii: "a"), count: 512)))
            taken += 512
        }
        #expect(refusal == 431)
        #expect(taken <= HTTPRequestReader.headBytesMax + 512)
        #expect(
            status(outcome("GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 2_000)))
                == 431)
        #expect(status(outcome(String(repeating: "\r\n", count: 8_000))) == 431)
    }

    @Test(
        "what is no request is refused",
        arguments: [
            "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET http://a/ HTTP/1.1\r\n\r\n",
            "\u{16}\u{3}\u{1}\n\n", "GET / HTTP/1.1 x\r\n\r\n", "hello\r\n\r\n",
        ])
    func noRequest(text: String) {
        #expect(status(outcome(text)) == 400)
    }

    @Test("another version is refused with the one that is spoken")
    func version() {
        #expect(status(outcome("GET / HTTP/2.0\r\n\r\n")) == 505)
    }
}
