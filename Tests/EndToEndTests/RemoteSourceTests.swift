import Foundation
import LoopbackServers
import TestProcesses
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
        #expect(
            dry.output.contains("fetched     4 addresses, 4 requests, about "),
            "\(dry.output)\(dry.errors)")
        #expect(dry.output.contains("B/s, one object at a time"), "\(dry.output)")
        // Two objects are tried, to see how they come.
        #expect(try requestCount() == 2)
        try FileManager.default.removeItem(atPath: scratch.path("requests"))
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

    /// Where keys are lent, by the settings of those who may ask.
    private func lenders() throws -> [[String: String]] {
        let lend = "\(server.endpoint)/lend"
        let settings = scratch.path("config")
        try Data(
            """
            [sso-session work]
            sso_start_url = https://work.example.org/start
            sso_region = here-1
            [profile archive]
            sso_session = work
            sso_account_id = 123456789012
            sso_role_name = Reader
            """.utf8
        ).write(to: URL(fileURLWithPath: settings))
        let cache = scratch.path(".aws/sso/cache")
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        try Data(#"{"startUrl":"https://other.example.org/start","accessToken":"other"}"#.utf8)
            .write(to: URL(fileURLWithPath: "\(cache)/0.json"))
        // An older sign-on has left its token.
        for (number, (token, expiry)) in [("old", "25"), ("signed-on", "30"), ("older", "20")]
            .enumerated()
        {
            try Data(
                #"{"startUrl":"https://work.example.org/start","accessToken":"\#(token)","expiresAt":"2026-11-\#(expiry)T20:00:00Z"}"#
                    .utf8
            ).write(to: URL(fileURLWithPath: "\(cache)/\(number + 1).json"))
        }
        let token = scratch.path("token")
        try Data("pod.token==\n".utf8).write(to: URL(fileURLWithPath: token))
        return [
            ["AWS_EC2_METADATA_SERVICE_ENDPOINT": lend],
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(lend)/container",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token",
            ],
            [
                "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ENDPOINT_URL_STS": lend,
                "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/reader",
            ],
            [
                "AWS_PROFILE": "archive", "AWS_CONFIG_FILE": settings,
                "HOME": scratch.path("."), "AWS_ENDPOINT_URL_SSO": lend,
            ],
        ]
    }

    @Test(
        "keys are lent by roles of machines, containers and pods, and by single sign-on, where that is asked for",
        .timeLimit(.minutes(3)))
    func lentKeys() throws {
        let store = ["AWS_REGION": "here-1", "AWS_ENDPOINT_URL_S3": server.endpoint]
        let rows = try manifest(["s3://bucket/talks/\(Self.clip)"])
        for (number, settings) in try lenders().enumerated() {
            let out = scratch.path("lent-\(number).jsonl")
            let job = [
                "transcribe", rows, "--model", Examples.model, "-o", out, "--threads", "1",
                "--quiet",
                "--allow-source", "s3://bucket/",
            ]
            let environment = store.merging(settings) { $1 }
            let run = try Program.run(
                job + ["--allow-metadata-endpoint"], environment: environment)
            #expect(run.status == 0, "\(settings): \(run.errors)")
            #expect(try Record.read(out).map(\.predictedText) == ["ONE"], "\(settings)")
        }
    }

    @Test(
        "whoever has no keys is told how they are lent, and why they were not",
        .timeLimit(.minutes(2)),
        arguments: [
            ([], "asked with --allow-metadata-endpoint"),
            (["--allow-metadata-endpoint"], "no keys were lent: the container's role answers 403"),
        ])
    func nothingLent(options: [String], sentence: String) throws {
        let environment = [
            "AWS_REGION": "here-1", "AWS_ENDPOINT_URL_S3": server.endpoint,
            "HOME": scratch.path("."),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.endpoint)/lend/container",
        ]
        let running = try Program.Running(
            [
                "transcribe", try manifest(["s3://bucket/talks/\(Self.clip)"]), "--model",
                Examples.model, "-o", scratch.path("out.jsonl"), "--threads", "1",
                "--allow-source", "s3://bucket/",
            ] + options, environment: environment)
        for _ in 0..<600
        where running.process.isRunning && !running.errorsSoFar.contains(sentence) {
            Thread.sleep(forTimeInterval: 0.1)
        }
        let told = running.errorsSoFar
        kill(running.process.identifier, SIGINT)
        _ = running.wait()
        #expect(told.contains(sentence), "\(told)")
        let asked =
            FileManager.default.contents(atPath: scratch.path("requests"))
            .map { String(decoding: $0, as: UTF8.self).contains("/lend/") } ?? false
        #expect(asked == !options.isEmpty, "nothing is asked for keys that was not to be")
    }

    /// The second worker may have come too late to be asked.
    private static func tellsOfAll(_ text: String) -> Bool {
        ["the worker", "2 workers"].contains {
            text.contains(" does not answer \($0): fetching failed: ")
        }
    }

    @Test(
        "whoever runs a job is told at once what no row can be fetched for",
        .timeLimit(.minutes(2)),
        arguments: [
            ["AWS_SECRET_ACCESS_KEY": "wrong"],
            // Nobody listens there; nobody has that name; and no server speaks so.
            ["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"],
            ["AWS_ENDPOINT_URL_S3": "http://no-such-host.invalid"],
            ["AWS_ENDPOINT_URL_S3": "https"],
        ])
    func told(faults: [String: String]) throws {
        var environment = keys.merging(faults) { $1 }
        if faults["AWS_ENDPOINT_URL_S3"] == "https" {
            environment["AWS_ENDPOINT_URL_S3"] = "https://127.0.0.1:\(server.port)"
        }
        let rows = try manifest((0..<40).map { "s3://bucket/talks/\($0).wav" })
        let running = try Program.Running(
            [
                "transcribe", rows, "--model", Examples.model, "-o", scratch.path("out.jsonl"),
                "--threads", "1", "--workers", "2", "--allow-source", "s3://bucket/",
            ], environment: environment)
        for _ in 0..<600 where running.process.isRunning {
            if Self.tellsOfAll(running.errorsSoFar) { break }
            Thread.sleep(forTimeInterval: 0.1)
        }
        let told = running.errorsSoFar
        kill(running.process.identifier, SIGINT)
        #expect(running.wait().status != 0)
        // The first failure, and then that all of the source is away: each with what a worker was told.
        #expect(told.contains("is tried again: fetching failed: "), "\(told)")
        #expect(Self.tellsOfAll(told), "\(told)")
    }

    /// The long part is `make sources`.
    @Test(
        "a job over a store that misbehaves, killed in the middle, is the job over files",
        .timeLimit(.minutes(2)))
    func faults() throws {
        let result = try Program.runScript(
            "Tests/Sources/sources.py",
            [
                "--rows", "80", "--faults", "busy=10,cut=5,changed=20", "--kills", "2",
                "--kill-chance", "0.2",
            ])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("as it should be"), "\(result.output)")
    }

    @Test("what each object was is kept, and verification names those that have changed")
    func identities() throws {
        let audio = URL(fileURLWithPath: Examples.manifest).deletingLastPathComponent()
            .appendingPathComponent("audio")
        let clips = ["1_jackson_0.wav", "2_theo_1.wav"]
        let own = scratch.path("own")
        try FileManager.default.createDirectory(
            atPath: own, withIntermediateDirectories: false)
        for clip in clips {
            try FileManager.default.copyItem(
                atPath: audio.appendingPathComponent(clip).path, toPath: "\(own)/\(clip)")
        }
        let ownServer = try LoopbackServer("http/source_server.py", [own, scratch.path("log")])
        var environment = keys
        environment["AWS_ENDPOINT_URL_S3"] = ownServer.endpoint
        let rows = try manifest(clips.map { "s3://bucket/talks/\($0)" })
        let out = scratch.path("out.jsonl")
        let allowed = ["--allow-source", "s3://bucket/"]
        let run = try Program.run(
            ["transcribe", rows, "--model", Examples.model, "-o", out, "--quiet"] + allowed,
            environment: environment)
        #expect(run.status == 0, "\(run.errors)")
        let digests = try String(contentsOfFile: out + ".digests.jsonl", encoding: .utf8)
        #expect(digests.contains(" bytes, etag \\\"1\\\"\""), "\(digests)")
        let report = try String(contentsOfFile: out + ".report.json", encoding: .utf8)
        #expect(report.contains("\"objects\":2"), "\(report)")

        let verify = ["verify", out, "--audio"] + allowed
        let same = try Program.run(verify, environment: environment)
        #expect(
            same.status == 0 && !same.output.contains("changed"), "\(same.output)\(same.errors)")
        let other = try Data(contentsOf: audio.appendingPathComponent("3_george_1.wav"))
        try other.write(to: URL(fileURLWithPath: "\(own)/\(clips[1])"))
        let changed = try Program.run(verify, environment: environment)
        #expect(changed.status != 0)
        #expect(changed.output.contains("1 have changed since they were transcribed: of rows 1"))
        #expect(
            (changed.output + changed.errors).contains("its object has changed, and is now "),
            "\(changed.output)\(changed.errors)")
    }
}
