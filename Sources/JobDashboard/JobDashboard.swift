package import ClusterRuntime
internal import Digests
package import HTTPService
internal import StrictJSON
internal import Threading

/// What a running job shows over HTTP: a page, its numbers for other programs, and metrics.
package final class JobDashboard: Sendable {
    private let board: StatusBoard
    private let access: HTTPAccess
    /// What the page calls the job.
    private let title: String
    private let processNumbers: @Sendable () -> MetricsText.Process
    private let wallSeconds: @Sendable () -> Double
    private let stream: HTTPStream
    /// A row's line of the input, by its number; until that is known, nothing.
    private let row = Guarded<@Sendable (Int) -> [UInt8]?>({ _ in nil })

    /// Pages are sent a new state this often at most.
    private static let periodMilliseconds = 1_000

    /// - Parameters:
    ///   - title: what people call the job, as its output's name.
    ///   - processNumbers: asked for each page of metrics.
    ///   - wallSeconds: seconds since 1970.
    package init(
        _ board: StatusBoard, _ access: HTTPAccess, title: String,
        processNumbers: @escaping @Sendable () -> MetricsText.Process,
        wallSeconds: @escaping @Sendable () -> Double
    ) {
        self.board = board
        self.access = access
        self.title = title
        self.processNumbers = processNumbers
        self.wallSeconds = wallSeconds
        let latest = Guarded((number: -1, bytes: [UInt8](), due: 0))
        stream = HTTPStream {
            let now = MonotonicClock.milliseconds()
            return latest.withLock { latest in
                let number = board.number
                if number > latest.number, now >= latest.due {
                    latest = (number, Self.event(board.reading), now + Self.periodMilliseconds)
                }
                return (latest.number, latest.bytes)
            }
        }
    }

    /// From now on rows have their lines of the input beside them.
    ///
    /// - Parameter row: a row's line by its number; called on the listener's thread.
    package func show(_ row: @escaping @Sendable (Int) -> [UInt8]?) {
        self.row.withLock { $0 = row }
    }

    /// The answer to a request; nil for a path that is not the dashboard's.
    package func answer(to request: HTTPRequest) -> HTTPAnswer? {
        if request.path == "/" { return .reply(Self.page) }
        guard request.path == "/metrics" || request.path.hasPrefix("/api/") else { return nil }
        guard ["GET", "HEAD"].contains(request.method) else {
            return .reply(HTTPReply(405, "only GET is answered here\n"))
        }
        if let refusal = access.refusal(of: request) { return .reply(refusal) }
        switch request.path {
        case "/metrics":
            let format = MetricsText.Format(accept: request.fields["accept"] ?? "")
            let text = MetricsText.page(
                board.reading, processNumbers(), nowSeconds: wallSeconds(), as: format)
            var reply = HTTPReply(200, text)
            reply.contentType = format.contentType
            return .reply(reply)
        case "/api/v1/status":
            let reading = board.reading
            return .reply(json(status(reading)))
        case "/api/v1/workers":
            return .reply(
                json(list("workers", board.reading.workers.map { JobStatusJSON.object($0) })))
        case "/api/v1/history": return .reply(json(Self.history(board.reading.history)))
        case "/api/v1/notices": return .reply(json(Self.notices(board.reading.notices)))
        case "/api/v1/rows":
            let row: @Sendable (Int) -> [UInt8]? = row.withLock { $0 }
            let failures = RecentRowsJSON.failures(
                board.reading.recent, code: request.query, row: row)
            guard let failures else {
                return .reply(
                    HTTPReply(404, "ask for /api/v1/rows?code=CODE; status has the codes\n"))
            }
            return .reply(json(failures))
        case "/api/v1/transcripts":
            return .reply(json(RecentRowsJSON.transcripts(board.reading.recent)))
        case "/api/v1/stream":
            var reply = HTTPReply(200, "")
            reply.contentType = "text/event-stream; charset=utf-8"
            return .stream(reply, stream)
        default:
            return .reply(HTTPReply(404, "there is no such path; docs/dashboard.md lists them\n"))
        }
    }

    // MARK: Answers

    private static let page: HTTPReply = {
        var reply = HTTPReply(200, DashboardPage.text)
        reply.contentType = "text/html; charset=utf-8"
        // Only what is in the page itself runs, and it talks to nobody but this process.
        reply.fields["Content-Security-Policy"] =
            "default-src 'none'; script-src 'sha256-\(base64Digest(of: DashboardPage.script))'; "
            + "style-src 'sha256-\(base64Digest(of: DashboardPage.style))'; connect-src 'self'; "
            + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return reply
    }()

    private static func base64Digest(of text: String) -> String {
        Base64.text(SHA256Hasher.digest(of: Array(text.utf8)).bytes)
    }

    private func json(_ bytes: [UInt8]) -> HTTPReply {
        var reply = HTTPReply(200, bytes: bytes)
        reply.contentType = "application/json"
        return reply
    }

    private func status(_ reading: StatusBoard.Reading) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("job", title)
        writer.key("status")
        writer.raw(Self.status(reading))
        writer.endObject()
        return writer.bytes
    }

    private func list(_ name: String, _ items: [[UInt8]]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key(name)
        writer.beginArray()
        for item in items { writer.raw(item) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func status(_ reading: StatusBoard.Reading) -> [UInt8] {
        JobStatusJSON.object(
            reading.status,
            remainingMilliseconds: reading.history.remainingMilliseconds(of: reading.status))
    }

    /// Points as `[seconds, RTFx, workers]`.
    private static func history(_ history: SpeedHistory) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("points")
        writer.beginArray()
        for point in history.points {
            writer.beginArray()
            writer.value(Double(point.elapsedMilliseconds) / 1_000)
            writer.value(Double(point.speedMilli) / 1_000)
            writer.value(point.workers)
            writer.endArray()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func notices(_ notices: [StatusBoard.Notice]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("notices")
        writer.beginArray()
        for notice in notices {
            writer.beginObject()
            writer.member("number", notice.number)
            writer.member("text", notice.text)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// A server-sent event with the status and the number of the newest notice.
    private static func event(_ reading: StatusBoard.Reading) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.raw(status(reading))
        writer.member("notice", reading.notices.last?.number ?? 0)
        writer.endObject()
        return Array("data: ".utf8) + writer.bytes + Array("\n\n".utf8)
    }
}
