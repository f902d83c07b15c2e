package import ClusterRuntime
package import HTTPService
internal import StrictJSON
internal import Threading

/// What a job shows over HTTP: a page, its numbers for other programs, and metrics.
package final class JobDashboard: Sendable {
    private let board: StatusBoard
    private let access: HTTPAccess
    private let job: Job
    private let processNumbers: @Sendable () -> MetricsText.Process
    private let wallSeconds: @Sendable () -> Double
    private let stream: HTTPStream
    private let rows = Guarded(Rows())
    /// The list of workers, which many pages ask for, and of which state it is.
    private let knownWorkers = Guarded((posts: -1, bytes: [UInt8]()))

    /// What is known of the job besides its numbers.
    package struct Job: Sendable {
        /// What the page calls it, as its output's name.
        package var title: String
        /// The command that tries its quarantined rows again while it runs; empty where there is none.
        package var retryCommand = ""
        /// Nobody of this process works on it.
        package var isStored = false
        /// What its journal's files take; called on the listener's thread.
        package var journalBytes: @Sendable () -> Int = { 0 }

        package init(title: String) { self.title = title }
    }

    /// What is asked of single rows, by their numbers from 0; all is called on the listener's thread.
    package struct Rows: Sendable {
        /// A row's line of the input; nil where it is not known.
        package var line: @Sendable (Int) -> [UInt8]? = { _ in nil }
        /// A row's audio, or why there is none; nil where audio is not shown.
        package var audio: (@Sendable (_ row: Int, HTTPRequest) -> HTTPReply)?

        package init() {}
    }

    /// Pages are sent a new state this often at most.
    private static let periodMilliseconds = 1_000

    /// - Parameters:
    ///   - processNumbers: asked for each page of metrics.
    ///   - wallSeconds: seconds since 1970.
    package init(
        _ board: StatusBoard, _ access: HTTPAccess, _ job: Job,
        processNumbers: @escaping @Sendable () -> MetricsText.Process,
        wallSeconds: @escaping @Sendable () -> Double
    ) {
        self.board = board
        self.access = access
        self.job = job
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

    /// From now on rows are known: until then nothing stands beside their numbers.
    package func show(_ rows: Rows) { self.rows.withLock { $0 = rows } }

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
                board.reading, processNumbers(), nowSeconds: wallSeconds(),
                journalBytes: job.journalBytes(), as: format)
            var reply = HTTPReply(200, text)
            reply.contentType = format.contentType
            return .reply(reply)
        case "/api/v1/status":
            let reading = board.reading
            return .reply(json(status(reading)))
        case "/api/v1/workers":
            return .reply(json(workers(board.reading)))
        case "/api/v1/history": return .reply(json(Self.history(board.reading.history)))
        case "/api/v1/notices": return .reply(json(Self.notices(board.reading.notices)))
        case "/api/v1/rows":
            let rows = rows.withLock { $0 }
            let found = RecentRowsJSON.rows(board.reading.recent, request.query, row: rows.line)
            guard let found else {
                return .reply(
                    HTTPReply(
                        404,
                        "ask for /api/v1/rows?code=CODE, or with status=rejected, quarantined or "
                            + "transcribed; /api/v1/status has the codes\n"))
            }
            return .reply(json(found))
        case "/api/v1/audio":
            let rows = rows.withLock { $0 }
            guard let audio = rows.audio else {
                return .reply(
                    HTTPReply(404, "audio is shown by scriptorium dashboard OUT --audio\n"))
            }
            guard request.query.hasPrefix("row="), let number = Int(request.query.dropFirst(4)),
                number > 0
            else {
                return .reply(HTTPReply(404, "ask for /api/v1/audio?row=NUMBER, from 1\n"))
            }
            return .reply(audio(number - 1, request))
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

    private static let page = ScriptedPage.reply(
        DashboardPage.text, script: DashboardPage.script, style: DashboardPage.style)

    private func json(_ bytes: [UInt8]) -> HTTPReply {
        var reply = HTTPReply(200, bytes: bytes)
        reply.contentType = "application/json"
        return reply
    }

    private func status(_ reading: StatusBoard.Reading) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("job", job.title)
        writer.member("retry_command", job.retryCommand)
        writer.key("stored")
        writer.value(job.isStored)
        writer.key("audio")
        writer.value(rows.withLock { $0.audio != nil })
        writer.key("status")
        writer.raw(Self.status(reading))
        writer.endObject()
        return writer.bytes
    }

    private func workers(_ reading: StatusBoard.Reading) -> [UInt8] {
        knownWorkers.withLock { known in
            if known.posts != reading.posts {
                known = (reading.posts, Self.workers(reading))
            }
            return known.bytes
        }
    }

    private static func workers(_ reading: StatusBoard.Reading) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("workers")
        writer.beginArray()
        for worker in reading.workers { writer.raw(JobStatusJSON.object(worker)) }
        writer.endArray()
        writer.key("past")
        writer.beginArray()
        for worker in reading.past {
            writer.beginObject()
            writer.member("slot", worker.slot)
            writer.member("rows", worker.rows)
            writer.member("audio_seconds", Double(worker.audioMilliseconds) / 1_000)
            writer.endObject()
        }
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
