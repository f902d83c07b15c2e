import Foundation
import LoopbackServers
import ReservedPorts
import TestProcesses
import Testing

@Suite("A running job of the real program over HTTP", .timeLimit(.minutes(2)))
struct DashboardTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func ask(_ port: UInt16, _ path: String, _ fields: String = "") throws -> String {
        let client = try RawHTTPClient(port: port)
        client.send("GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\n\(fields)\r\n")
        return client.receiveToEnd()
    }

    /// Waits until the job is planned, so that its rows are counted.
    private func status(_ port: UInt16, of job: Program.Running, _ fields: String = "") throws
        -> String
    {
        while job.process.isRunning {
            if let answer = try? ask(port, "/api/v1/status", fields),
                answer.contains("\"waiting\":"),
                !answer.contains("\"rows\":0,")
            {
                return answer
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return "it ended: \(job.errorsSoFar)"
    }

    @Test("it shows its rows, those that failed, and why; and ends as ever")
    func job() throws {
        let port = try ReservedPort().number
        let manifest = scratch.path("rows.jsonl")
        let rows = #"{"audio_filepath":"<script>.wav"}"# + "\n{nonsense\n"
        try Data(rows.utf8).write(to: URL(filePath: manifest))
        let out = scratch.path("out.jsonl")
        let job = try Program.Running([
            "coordinate", manifest, "--model", Examples.model, "-o", out, "--listen",
            "ipc://\(scratch.path("s"))", "--http", "\(port)",
        ])
        let status = try status(port, of: job)
        #expect(status.contains("\"job\":\"out.jsonl\""), "\(status)")
        #expect(status.contains("\"rows\":2,"), "\(status)")
        #expect(try ask(port, "/").contains("<title>Scriptorium</title>"))
        // Both are durable a moment later.
        var metrics = ""
        while job.process.isRunning, !metrics.contains("scriptorium_rows{state=\"rejected\"} 1\n") {
            metrics = try ask(port, "/metrics")
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(metrics.contains("scriptorium_rows{state=\"waiting\"} 1\n"))
        let failed = try ask(port, "/api/v1/rows?code=manifest.invalid_json")
        #expect(failed.contains("\"row\":2,") && failed.contains("{nonsense"), "\(failed)")
        #expect(try ask(port, "/readyz").contains("ready: the coordinator listens"))
        job.process.send(SIGTERM)
        #expect(job.wait().status == 75)
    }

    @Test(
        "with a token only those who have it are answered, and a bad token file is refused before any work"
    )
    func token() throws {
        let port = try ReservedPort().number
        let token = scratch.path("token")
        try Data("0123456789abcdef0123\n".utf8).write(to: URL(filePath: token))
        let manifest = scratch.path("rows.jsonl")
        try Data(#"{"audio_filepath":"a.wav"}"#.utf8).write(to: URL(filePath: manifest))
        let line = [
            "coordinate", manifest, "--model", Examples.model, "-o", scratch.path("out.jsonl"),
            "--listen",
            "ipc://\(scratch.path("s"))", "--http", "\(port)", "--http-token",
        ]
        let short = scratch.path("short")
        try Data("short\n".utf8).write(to: URL(filePath: short))
        let refused = try Program.run(line + [short])
        #expect(refused.status == 64)
        #expect(refused.errors.contains("--http-token \(short)"))
        let job = try Program.Running(line + [token])
        let fields = "Authorization: Bearer 0123456789abcdef0123\r\n"
        #expect(try status(port, of: job, fields).contains("\"rows\":1,"))
        #expect(try ask(port, "/api/v1/status").hasPrefix("HTTP/1.1 401 "))
        #expect(try ask(port, "/metrics").hasPrefix("HTTP/1.1 401 "))
        #expect(try ask(port, "/healthz").hasPrefix("HTTP/1.1 200 "))
        job.process.send(SIGTERM)
        #expect(job.wait().status == 75)
    }

    @Test(
        "a job that nobody works on is shown with its rows and their audio, and can be gone on with"
    )
    func stored() throws {
        let manifest = scratch.path("rows.jsonl")
        let wave = try #require(
            FileManager.default.enumerator(atPath: Examples.folder)?
                .compactMap { $0 as? String }.sorted().first { $0.hasSuffix(".wav") })
        let rows = [
            "{\"audio_filepath\":\"\(Examples.folder)/\(wave)\"}",
            #"{"audio_filepath":"<b>none</b>.wav"}"#,
        ]
        try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: manifest))
        let out = scratch.path("out.jsonl")
        let line = [
            "transcribe", manifest, "--model", Examples.model, "--threads", "1", "-o", out,
        ]
        #expect(try Program.run(["dashboard", out]).status == 64)
        #expect(try Program.run(line).status == 3)
        let port = try ReservedPort().number
        let shown = try Program.Running(["dashboard", out, "--http", "\(port)", "--audio"])
        defer { shown.process.send(SIGTERM) }
        var status = ""
        while shown.process.isRunning, !status.contains("\"phase\"") {
            status = (try? ask(port, "/api/v1/status")) ?? ""
            Thread.sleep(forTimeInterval: 0.05)
        }
        for part in [
            "\"phase\":\"finished\"", "\"transcribed\":1,", "\"stored\":true", "\"audio\":true",
        ] {
            #expect(status.contains(part), "\(part): \(status)")
        }
        let failed = try ask(port, "/api/v1/rows?status=rejected")
        #expect(failed.contains("\"row\":2,") && failed.contains("<b>none</b>"), "\(failed)")
        #expect(try ask(port, "/api/v1/transcripts").contains("\"row\":1,"))
        let audio = try ask(port, "/api/v1/audio?row=1", "Range: bytes=0-3\r\n")
        #expect(audio.contains(" 206 ") && audio.hasSuffix("\r\n\r\nRIFF"), "\(audio)")
        #expect(try ask(port, "/api/v1/audio?row=2").contains(" 404 "))
        // The job is not held while it is shown.
        #expect(try Program.run(line).status == 3)
        shown.process.send(SIGTERM)
        #expect(shown.wait().status == 0)
    }

    @Test("the report of an output is a page with its failures")
    func report() throws {
        let manifest = scratch.path("rows.jsonl")
        try Data(
            "{\"audio_filepath\":\"none.wav\"}\n{\"audio_filepath\":\"b.wav\",\"text\":\"ONE\"}\n"
                .utf8
        )
        .write(to: URL(filePath: manifest))
        let out = scratch.path("out.jsonl")
        #expect(
            try Program.run([
                "transcribe", manifest, "--model", Examples.model, "--threads", "1", "-o", out,
            ])
            .status == 3)
        let page = scratch.path("report.html")
        let result = try Program.run(["report", out, "-o", page])
        #expect(result.status == 0, "\(result.errors)")
        let html = try String(contentsOfFile: page, encoding: .utf8)
        for text in ["audio.not_found", "job.manifest_sha256", "Error rates", "none.wav"] {
            #expect(html.contains(text), "\(text)")
        }
        #expect(try Program.run(["report", out, "-o", out]).status == 64)
        #expect(try Program.run(["report", scratch.path("no.jsonl")]).status == 64)
    }
}
