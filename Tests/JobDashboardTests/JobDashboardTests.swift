import ClusterProtocol
import ClusterRuntime
import Digests
import HTTPService
import JobDashboard
import JobState
import LoopbackServers
import SpeechTypes
import StrictJSON
import Testing

@Suite("A job over HTTP")
struct JobDashboardTests {
    private let board = StatusBoard()
    private let dashboard: JobDashboard
    private let listener: HTTPListener

    init() throws {
        let address = try #require(HTTPAddress("0"))
        var job = JobDashboard.Job(title: "<script>out</script>.jsonl")
        job.retryCommand = "scriptorium retry --all-quarantined -o 'a b.jsonl'"
        job.journalBytes = { 4_096 }
        let dashboard = JobDashboard(
            board, try HTTPAccess(address, tokenFile: nil), job,
            processNumbers: {
                .init(version: "1", startSeconds: 0, cpuSeconds: 0, residentBytes: 0)
            },
            wallSeconds: { 1_000 })
        self.dashboard = dashboard
        listener = try HTTPListener(address) {
            dashboard.answer(to: $0) ?? .reply(HTTPReply(404, "none\n"))
        }
    }

    private func client(_ path: String, _ fields: String = "") throws -> RawHTTPClient {
        let client = try RawHTTPClient(port: listener.address.port)
        client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
        return client
    }

    private func ask(_ path: String, _ fields: String = "") throws -> (head: String, body: String) {
        let answer = try client(path, fields).receiveToEnd()
        let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    private func status(transcribed: Int, elapsed: Int = 1_000) -> JobStatus {
        var status = JobStatus()
        status.rowsTotal = 100
        status.rowsTranscribed = transcribed
        status.elapsedMilliseconds = elapsed
        return status
    }

    private func worker(_ slot: String) -> WorkerStatus {
        WorkerStatus(
            slot: slot, state: .idle, arithmetic: "a", build: "b", cores: 1, memoryBytes: 2,
            speed: 1_500, rowsHeld: 0, audioMillisecondsHeld: 0, rowsInEngine: 0,
            computedMilliseconds: 0, silentMilliseconds: 7)
    }

    @Test("the page says what may run in it, and has nothing of the job in it")
    func page() throws {
        let (head, body) = try ask("/")
        #expect(head.hasPrefix("HTTP/1.1 200 "))
        #expect(head.contains("Content-Security-Policy: default-src 'none'; script-src 'sha256-"))
        #expect(!head.contains("unsafe"))
        #expect(head.contains("X-Content-Type-Options: nosniff"))
        #expect(!body.contains("out</script>.jsonl"))
        #expect(body.utf8.count < 150_000)
        #expect(
            !body.contains("http://") || body.components(of: "http://") == ["www.w3.org/2000/svg"])
        #expect(!body.contains("https://"))
        #expect(!body.contains("innerHTML"))
    }

    @Test("status, workers, history and notices are what the board has")
    func numbers() throws {
        board.post(status(transcribed: 7), [worker("node-1/0"), worker("</td>\"/1")])
        board.tell("a <b>notice</b>\n")
        let answer = try JSONParser.parse(Array(ask("/api/v1/status").body.utf8)).object
        #expect(answer?["job"]?.string == "<script>out</script>.jsonl")
        #expect(answer?["status"]?.object?["transcribed"]?.int == 7)
        let workers = try JSONParser.parse(Array(ask("/api/v1/workers").body.utf8)).object?[
            "workers"]
        #expect(workers?.array?.map { $0.object?["slot"]?.string } == ["node-1/0", "</td>\"/1"])
        let history = try JSONParser.parse(Array(ask("/api/v1/history").body.utf8)).object?[
            "points"]
        #expect(history?.array?.count == 1)
        let notices = try JSONParser.parse(Array(ask("/api/v1/notices").body.utf8)).object?[
            "notices"]
        #expect(notices?.array?.first?.object?["text"]?.string == "a <b>notice</b>")
        let metrics = try ask("/metrics", "Accept: application/openmetrics-text\r\n")
        #expect(metrics.head.contains("Content-Type: application/openmetrics-text"))
        #expect(metrics.body.contains("scriptorium_rows{state=\"transcribed\"} 7\n"))
    }

    private func outcome(_ ordinal: Int, _ code: FailureCode?, _ record: String? = nil)
        -> JournalEntry
    {
        .outcome(
            RowOutcome(
                ordinal: ordinal, rowDigest: .zero, status: code?.status ?? .transcribed,
                code: code,
                record: record.map { Array($0.utf8) }, slot: "h/0", detail: "<b>\(ordinal)</b>"))
    }

    @Test(
        "failures by code and the newest transcripts are there once they are durable, in bounded number"
    )
    func rows() throws {
        #expect(try ask("/api/v1/rows?code=audio.not_found").head.hasPrefix("HTTP/1.1 200 "))
        #expect(try ask("/api/v1/rows?code=x").head.hasPrefix("HTTP/1.1 404 "))
        board.committed((0..<60).map { outcome($0, .audioNotFound) }, nanoseconds: 5)
        let record =
            #"{"audio_filepath":"a.wav","pred_text":"A B","word_timestamps":[{"word":"A","confidence":0.25}]}"#
        board.committed(
            [outcome(70, nil, record), outcome(71, nil, String(repeating: "x", count: 40_000))],
            nanoseconds: 6)
        var shown = JobDashboard.Rows()
        shown.line = { Array("line \($0)".utf8) }
        dashboard.show(shown)
        let rows = try JSONParser.parse(Array(ask("/api/v1/rows?code=audio.not_found").body.utf8))
            .object?["rows"]?.array
        #expect(rows?.count == RecentRows.failuresMax)
        #expect(rows?.first?.object?["row"]?.int == 60)
        #expect(rows?.first?.object?["detail"]?.string == "<b>59</b>")
        #expect(rows?.first?.object?["input"]?.string == "line 59")
        let transcripts = try JSONParser.parse(Array(ask("/api/v1/transcripts").body.utf8))
            .object?["rows"]?.array
        #expect(transcripts?.count == 1)
        #expect(transcripts?.first?.object?["text"]?.string == "A B")
        #expect(
            transcripts?.first?.object?["words"]?.array?.first?.object?["confidence"]?.double
                == 0.25)
        #expect(try ask("/metrics").body.contains("scriptorium_commits_total 2\n"))
    }

    @Test(
        "rows by status are those of all its codes, by number, and transcribed ones are transcripts"
    )
    func rowsByStatus() throws {
        board.committed(
            [
                outcome(4, .quarantinedEngine), outcome(1, .quarantinedSource),
                outcome(2, .audioNotFound), outcome(9, .quarantinedEngine),
                outcome(3, nil, #"{"pred_text":"A","offset":1.5,"duration":2}"#),
            ], nanoseconds: 5)
        let rows = try JSONParser.parse(Array(ask("/api/v1/rows?status=quarantined").body.utf8))
            .object?["rows"]?.array?.compactMap(\.object)
        #expect(rows?.map { $0["row"]?.int } == [10, 5, 2])
        #expect(
            rows?.map { $0["code"]?.string }
                == [
                    FailureCode.quarantinedEngine, .quarantinedEngine, .quarantinedSource,
                ].map(\.rawValue))
        let transcribed = try JSONParser.parse(
            Array(ask("/api/v1/rows?status=transcribed").body.utf8)
        ).object?["rows"]?.array?.first?.object
        #expect(transcribed?["offset"]?.double == 1.5 && transcribed?["duration"]?.double == 2)
        #expect(try ask("/api/v1/rows?status=done").head.hasPrefix("HTTP/1.1 404 "))
        #expect(try ask("/api/v1/rows?row=1").head.hasPrefix("HTTP/1.1 404 "))
    }

    @Test("leases and the journal's bytes are counted")
    func leases() throws {
        board.committed(
            [
                .leaseGranted(
                    LeaseRecord(
                        lease: 1, slot: "h/0", instance: "i", session: 1, isAlone: false,
                        ordinals: [1])), .leaseEnded(lease: 1, .lost),
            ], nanoseconds: 1)
        let metrics = try ask("/metrics").body
        #expect(metrics.contains("scriptorium_leases_granted_total 1\n"))
        #expect(metrics.contains("scriptorium_leases_ended_total{end=\"lost\"} 1\n"))
        #expect(metrics.contains("scriptorium_leases_ended_total{end=\"stalled\"} 0\n"))
        #expect(metrics.contains("scriptorium_journal_bytes 4096\n"))
    }

    @Test("audio is there only where it is shown, by number, and a refusal goes before it")
    func audio() throws {
        #expect(try ask("/api/v1/audio?row=1").head.hasPrefix("HTTP/1.1 404 "))
        var rows = JobDashboard.Rows()
        rows.audio = { row, request in
            HTTPReply(206, "row \(row) \(request.fields["range"] ?? "")")
        }
        dashboard.show(rows)
        let answer = try ask("/api/v1/audio?row=7", "Range: bytes=1-\r\n")
        #expect(answer.head.hasPrefix("HTTP/1.1 206 Partial Content\r\n"))
        #expect(answer.body == "row 6 bytes=1-")
        for query in ["row=0", "row=-1", "row=x", "path=/etc/passwd", ""] {
            #expect(try ask("/api/v1/audio?\(query)").head.hasPrefix("HTTP/1.1 404 "))
        }
        let stranger = try RawHTTPClient(port: listener.address.port)
        stranger.send("GET /api/v1/audio?row=7 HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        #expect(stranger.receiveToEnd().hasPrefix("HTTP/1.1 403 "))
    }

    @Test("real answers are what the schema of the API says")
    func schema() throws {
        var status = status(transcribed: 3)
        status.remainingMilliseconds = 5_000
        status.failures = [.init(code: "audio.not_found", rows: 1)]
        status.pauses = [.noSpace]
        status.slots = ["h/0"]
        var busy = worker("h/0")
        busy.load = WorkerLoad(engine: .zero, residentBytes: 1)
        board.post(status, [busy, worker("h/1")])
        board.tell("a notice")
        board.committed(
            [
                outcome(4, .quarantinedEngine), outcome(5, .audioNotFound),
                outcome(
                    6, nil,
                    #"{"audio_filepath":"a.wav","offset":1,"pred_text":"A","word_timestamps":[{"word":"A"}]}"#
                ),
            ], nanoseconds: 1)
        let schema = try APISchema()
        let paths = [
            "status": "status", "workers": "workers", "history": "history", "notices": "notices",
            "rows?status=quarantined": "rows", "rows?code=audio.not_found": "rows",
            "rows?status=transcribed": "transcripts", "transcripts": "transcripts",
        ]
        for (path, name) in paths {
            let answer = try JSONParser.parse(Array(ask("/api/v1/\(path)").body.utf8))
            #expect(schema.faults(of: answer, name) == [], "\(path)")
        }
        // Whatever the schema lets pass, it does not let this pass.
        let wrong = try JSONParser.parse(Array(#"{"points":[["a",1,1]],"more":1}"#.utf8))
        #expect(schema.faults(of: wrong, "history").count == 2)
        var stored = StatusBoard.Reading()
        stored.past = [.init(slot: "h/0", rows: 1, audioMilliseconds: 2)]
        board.show(stored)
        let past = try JSONParser.parse(Array(ask("/api/v1/workers").body.utf8))
        #expect(schema.faults(of: past, "workers") == [])
    }

    @Test("who follows is sent each newer state, and no older one")
    func stream() throws {
        board.post(status(transcribed: 1), [])
        let client = try client("/api/v1/stream")
        let first = client.receive { $0.contains("\n\n") }
        #expect(first.contains("Content-Type: text/event-stream"))
        #expect(first.contains("\"transcribed\":1,"))
        board.post(status(transcribed: 2), [])
        #expect(client.receive { $0.contains("\n\n") }.contains("\"transcribed\":2,"))
    }

    @Test("who stops reading holds nobody else up, and is let go")
    func slowReader() throws {
        board.post(status(transcribed: 1), [])
        let slow = try (0..<20).map { _ in try client("/api/v1/stream") }
        for number in 2..<50 { board.post(status(transcribed: number), []) }
        #expect(try ask("/api/v1/status").body.contains("\"transcribed\":49,"))
        withExtendedLifetime(slow) {}
    }

    @Test(
        "strangers get nothing: other names, other origins, other methods, other paths",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
            (
                "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n",
                403
            ),
            ("GET /api/v1/stream HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
            ("POST /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            ("GET /api/v1/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
            ("GET /etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ])
    func strangers(request: String, status: Int) throws {
        let client = try RawHTTPClient(port: listener.address.port)
        client.send(request)
        #expect(client.receiveToEnd().hasPrefix("HTTP/1.1 \(status) "))
    }
}

extension String {
    /// What follows each occurrence of `mark`, up to a quote.
    fileprivate func components(of mark: String) -> [String] {
        split(separator: mark, omittingEmptySubsequences: false).dropFirst()
            .map { String($0.prefix { $0 != "\"" }) }
    }
}
