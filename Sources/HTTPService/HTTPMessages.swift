/// What a request asks for; a body is never read.
package struct HTTPRequest: Hashable, Sendable {
    package let method: String
    /// Without the query.
    package let path: String
    /// What stands after the first `?`, as it came; empty without one.
    package let query: String
    /// Values by the names of fields, which are in lower case.
    package let fields: [String: String]

    package init(
        method: String, path: String, query: String = "", fields: [String: String] = [:]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
    }
}

/// An answer, after which the connection ends.
package struct HTTPReply: Hashable, Sendable {
    package let status: Int
    package let body: [UInt8]
    package var contentType = "text/plain; charset=utf-8"
    /// Further fields of the head, by name.
    package var fields: [String: String] = [:]

    package init(_ status: Int, _ body: String) {
        self.init(status, bytes: Array(body.utf8))
    }

    package init(_ status: Int, bytes: [UInt8]) {
        self.status = status
        body = bytes
    }

    /// The bytes on the wire.
    ///
    /// - Parameter hasBody: false for a request that asks for the head alone.
    func bytes(hasBody: Bool) -> [UInt8] {
        head(length: body.count) + (hasBody ? body : [])
    }

    /// The head of an answer; without a length it ends with its connection.
    func head(length: Int?) -> [UInt8] {
        var lines = [
            "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Other")", "Content-Type: \(contentType)",
        ]
        if let length { lines.append("Content-Length: \(length)") }
        lines += [
            "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
        ]
        if status == 405 { lines.append("Allow: GET, HEAD") }
        lines += fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        lines.append("Connection: close")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static let reasons = [
        200: "OK", 206: "Partial Content", 308: "Permanent Redirect", 400: "Bad Request",
        401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 413: "Content Too Large",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable",
        431: "Request Header Fields Too Large",
        503: "Service Unavailable", 505: "HTTP Version Not Supported",
    ]
}

/// A state that changes: whoever follows it is sent the newest again and again, and never an older one.
package struct HTTPStream: Sendable {
    /// The newest state and its number, which grows with each change; called on the listener's thread
    /// several times a second, so it must not block.
    package var newest: @Sendable () -> (number: Int, bytes: [UInt8])

    package init(newest: @escaping @Sendable () -> (number: Int, bytes: [UInt8])) {
        self.newest = newest
    }
}

/// What a request is answered with.
package enum HTTPAnswer: Sendable {
    case reply(HTTPReply)
    /// The head of `reply`, and then the states of a stream for as long as the peer takes them.
    case stream(HTTPReply, HTTPStream)
}
