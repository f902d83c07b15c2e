import Foundation
import LoopbackServers
import Testing

/// Jobs whose audio is on a server, as a user runs them.
@Suite("Audio of web servers and object stores")
struct RemoteSourceTests {
    private let scratch: Scratch
    private let server: LoopbackServer
    private let keys: [String: String]

    /// One of the bundled recordings, and what is said in it.
    private static let clip = "1_jackson_0.wav"

    init() throws {
        scratch = try Scratch()
        let audio = URL(fileURLWithPath: Examples.manifest).deletingLastPathComponent()
            .appendingPathComponent("audio").path
        server = try LoopbackServer("http/source_server.py", [audio, scratch.path("requests")])
        keys = [
            "AWS_ACCESS_KEY_ID": "bench:tester", "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "here-1", "AWS_ENDPOINT_URL_S3": server.endpoint,
        ]
    }

    private func manifest(_ addresses: [String]) throws -> String {
        let rows = scratch.path("rows.jsonl")
        let text = addresses.map { "{\"audio_filepath\":\"\($0)\"}\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: rows))
        return rows
    }

    private func requestCount() throws -> Int {
        guard let log = FileManager.default.contents(atPath: scratch.path("requests")) else {
            return 0
        }
        return log.count { $0 == 0x0A }
    }

    @Test("rows are fetched where that is allowed, and their records say what became of the others")
    func job() throws {
        let rows = try manifest([
            "\(server.endpoint)/plain/\(Self.clip)", "s3://bucket/talks/\(Self.clip)",
            "\(server.endpoint)/broken/\(Self.clip)", "\(server.endpoint)/plain/none.wav",
            "s3://other/\(Self.clip)",
        ])
        let out = scratch.path("out.jsonl")
        let allowed = ["--allow-source", "\(server.endpoint)/", "--allow-source", "s3://bucket/"]
        let job = ["transcribe", rows, "--model", Examples.model, "-o", out, "--quiet"]
        let dry = try Program.run(job + allowed + ["--dry-run"], environment: keys)
        #expect(dry.output.contains("fetched     4 addresses"), "\(dry.output)\(dry.errors)")
        #expect(try requestCount() == 0)
        let run = try Program.run(job + allowed, environment: keys)
        #expect(run.status == 3, "\(run.errors)")
        let records = try Record.read(out)
        #expect(records.map(\.predictedText) == ["ONE", "ONE", "ONE", "", ""])
        #expect(records[3].error?.code == "audio.not_found")
        #expect(records[4].error?.code == "audio.unsupported_location")
        #expect(try requestCount() == 5)

        // Nothing is asked for again whose row is recorded, and nothing without being allowed.
        #expect(try Program.run(job + allowed, environment: keys).status == 3)
        let plain = try Program.run(["verify", out, "--audio"], environment: keys)
        #expect(plain.status == 0, "\(plain.output)\(plain.errors)")
        #expect(plain.output.contains("--allow-source s3://bucket/"), "\(plain.output)")
        #expect(try requestCount() == 5)
        let whole = try Program.run(
            ["verify", out, "--audio", "--sample", "all"] + allowed, environment: keys)
        #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
        #expect(try requestCount() > 5)
    }

    @Test("a worker that was not started for a job's sources refuses it before any work")
    func refusal() throws {
        let rows = try manifest(["s3://bucket/\(Self.clip)"])
        let out = scratch.path("out.jsonl")
        let endpoint = "ipc://\(scratch.path("s"))"
        let coordinator = try Program.Running([
            "coordinate", rows, "--model", Examples.model, "-o", out, "--listen", endpoint,
            "--allow-source", "s3://bucket/", "--quiet",
        ])
        let work = ["work", "--connect", endpoint, "--model", Examples.model, "--threads", "1"]
        for more in [[], ["--allow-source", "s3://buckets/"]] {
            let refused = try Program.run(work + more, environment: keys)
            #expect(refused.status == 65, "\(refused.errors)")
            #expect(refused.errors.contains("--allow-source"), "\(refused.errors)")
        }
        #expect(try requestCount() == 0)
        let allowed = work + ["--allow-source", "s3://bucket/", "--allow-source", "s3://more/"]
        #expect(try Program.run(allowed, environment: keys).status == 0)
        #expect(coordinator.wait().status == 0)
        #expect(try Record.read(out).map(\.predictedText) == ["ONE"])
    }
}
