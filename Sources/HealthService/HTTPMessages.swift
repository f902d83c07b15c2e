/// What a request asks for.
///
/// Its headers are read to their end and mean nothing here.
package struct HTTPRequest: Hashable, Sendable {
    package let method: String
    /// Without the query.
    package let path: String

    package init(method: String, path: String) {
        self.method = method
        self.path = path
    }
}

/// An answer, after which the connection ends.
package struct HTTPReply: Hashable, Sendable {
    package let status: Int
    package let body: String
    package var contentType = "text/plain; charset=utf-8"

    package init(_ status: Int, _ body: String) {
        self.status = status
        self.body = body
    }

    /// The bytes on the wire.
    ///
    /// - Parameter hasBody: false for a request that asks for the head alone.
    func bytes(hasBody: Bool) -> [UInt8] {
        let head = """
            HTTP/1.1 \(status) \(Self.reasons[status] ?? "Other")\r
            Content-Type: \(contentType)\r
            Content-Length: \(body.utf8.count)\r
            Cache-Control: no-store\r
            \(status == 405 ? "Allow: GET, HEAD\r\n" : "")Connection: close\r
            \r

            """
        return Array(head.utf8) + (hasBody ? Array(body.utf8) : [])
    }

    private static let reasons = [
        200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
        431: "Request Header Fields Too Large", 503: "Service Unavailable",
        505: "HTTP Version Not Supported",
    ]
}

/// Reads the head of a request as its bytes come, of bounded length (RFC 9112, sections 2 and 3).
package struct HTTPRequestReader {
    /// What the bytes so far are.
    package enum Outcome: Hashable {
        case more
        case request(HTTPRequest)
        case refused(HTTPReply)
    }

    /// Names of probes are short, and browsers send some hundred bytes.
    package static let headBytesMax = 8 << 10

    private var firstLine: [UInt8] = []
    private var isInFirstLine = true
    private var isLineEmpty = true
    private var bytesSoFar = 0

    package init() {}

    /// What follows from more bytes; those after the head are ignored.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> Outcome {
        for byte in bytes {
            bytesSoFar += 1
            guard bytesSoFar <= Self.headBytesMax else {
                return .refused(
                    HTTPReply(431, "a request has at most \(Self.headBytesMax) bytes here\n"))
            }
            if byte == UInt8(ascii: "\n") {
                if isInFirstLine {
                    // Empty lines before a request are ignored.
                    isInFirstLine = firstLine.isEmpty
                } else if isLineEmpty {
                    return request()
                }
                isLineEmpty = true
            } else if byte != UInt8(ascii: "\r") {
                isLineEmpty = false
                if isInFirstLine { firstLine.append(byte) }
            }
        }
        return .more
    }

    private func request() -> Outcome {
        let words = String(decoding: firstLine, as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[1].hasPrefix("/"), words[2].hasPrefix("HTTP/") else {
            return .refused(HTTPReply(400, "this is no request of HTTP/1.1\n"))
        }
        guard words[2].hasPrefix("HTTP/1.") else {
            return .refused(HTTPReply(505, "HTTP/1.1 is spoken here\n"))
        }
        return .request(
            HTTPRequest(method: String(words[0]), path: String(words[1].prefix { $0 != "?" })))
    }
}
