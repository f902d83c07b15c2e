import Foundation
import LoopbackServers
import TestProcesses
import Testing

/// Jobs whose audio is in archives, or below an address, as a user runs them.
@Suite("Audio in archives, and folders of object stores")
struct RemoteArchiveTests {
    private let scratch: Scratch
    private let clips: [String]

    private static let audio = "\(Examples.folder)/audio"

    init() throws {
        scratch = try Scratch()
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.audio)
        clips = names.filter { $0.hasSuffix(".wav") }.sorted().prefix(6).map { $0 }
        let run = try StartedProcess.run(
            "tar", ["-C", Self.audio, "-cf", scratch.path("audio_0.tar")] + clips,
            environment: [:], mixesErrors: true)
        #expect(run.status == 0)
    }

    private func server() throws -> (LoopbackServer, [String: String]) {
        let server = try LoopbackServer(
            "http/source_server.py", [scratch.path(""), scratch.path("requests")])
        return (
            server,
            [
                "AWS_ACCESS_KEY_ID": "bench:tester", "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": "here-1", "AWS_ENDPOINT_URL_S3": server.endpoint,
            ]
        )
    }

    private func transcribe(
        _ input: String, _ more: [String] = [], allowing: [String] = [],
        environment: [String: String] = [:]
    ) throws -> [Record] {
        let out = scratch.path("\(UUID().uuidString).jsonl")
        let run = try Program.run(
            ["transcribe", input, "--model", Examples.model, "-o", out, "--quiet"] + more
                + allowing, environment: environment)
        #expect(run.status == 0, "\(run.errors)")
        let verified = try Program.run(
            ["verify", out, "--audio", "--sample", "all"] + allowing, environment: environment)
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        return try Record.read(out)
    }

    private func manifest() throws -> String {
        let rows = scratch.path("tarred_audio_manifest.json")
        let lines = clips.map { "{\"audio_filepath\": \"\($0)\", \"shard_id\": 0}\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: rows))
        return rows
    }

    @Test("a shard with its manifest, and the shard alone, give what the files give")
    func shards() throws {
        for name in clips {
            let target = scratch.path("files/\(name)")
            try FileManager.default.createDirectory(
                atPath: scratch.path("files"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(Self.audio)/\(name)", toPath: target)
        }
        let expected = try transcribe(scratch.path("files")).map(\.predictedText)
        #expect(expected.count == clips.count)
        #expect(try transcribe(manifest()).map(\.predictedText) == expected)
        #expect(try transcribe(scratch.path("audio_0.tar")).map(\.predictedText) == expected)
        let zip = try StartedProcess.run(
            "python3", ["-m", "zipfile", "-c", scratch.path("a.zip"), scratch.path("files") + "/"],
            environment: [:], mixesErrors: true)
        #expect(zip.status == 0)
        #expect(try transcribe(scratch.path("a.zip")).map(\.predictedText) == expected)
        // The same shard in a store: one request for each row, and few for the headers.
        let (server, keys) = try server()
        defer { withExtendedLifetime(server) {} }
        let tar = "s3://bucket/audio_0.tar"
        let rows = try manifest()
        let moved = scratch.path("rows/manifest_0.json")
        try FileManager.default.createDirectory(
            atPath: scratch.path("rows"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: rows, toPath: moved)
        let fetched = try transcribe(
            moved, ["--tar", tar], allowing: ["--allow-source", tar], environment: keys)
        #expect(fetched.map(\.predictedText) == expected)
    }

    @Test("what is below an address is transcribed in the order of keys, by its workers too")
    func bucket() throws {
        for name in clips.prefix(2) {
            try FileManager.default.copyItem(
                atPath: "\(Self.audio)/\(name)", toPath: scratch.path(name))
        }
        let (server, keys) = try server()
        defer { withExtendedLifetime(server) {} }
        let out = scratch.path("out.jsonl")
        let run = try Program.run(
            [
                "transcribe", "s3://bucket/talks/", "--model", Examples.model, "-o", out,
            ], environment: keys)
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            try Record.read(out).map(\.audioPath)
                == clips.prefix(2).map { "s3://bucket/talks/\($0)" })
        #expect(run.errors.contains("left out of the folders"), "\(run.errors)")
        let nowhere = try Program.run(
            ["transcribe", "s3://bucket/none/", "--model", Examples.model, "-o", out + "2"],
            environment: keys)
        // As of a folder here without recordings.
        #expect(nowhere.status == 0)
        #expect(nowhere.errors.contains("the input has no rows"), "\(nowhere.errors)")
    }

    @Test("an output for a store is written here first, then there, and so is an export of it")
    func output() throws {
        let (server, keys) = try server()
        defer { withExtendedLifetime(server) {} }
        let jobs = scratch.path("jobs")
        try FileManager.default.createDirectory(atPath: jobs, withIntermediateDirectories: true)
        let job = [
            "transcribe", scratch.path("audio_0.tar"), "--model", Examples.model, "--job-folder",
            jobs,
            "-o", "s3://bucket/out/words.jsonl",
        ]
        let run = try Program.run(job, environment: keys)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("s3://bucket/out/words.jsonl"), "\(run.errors)")
        for name in ["words.jsonl", "words.jsonl.report.json"] {
            let sent = FileManager.default.contents(atPath: scratch.path(name))
            #expect(sent != nil, "\(name)")
            #expect(sent == FileManager.default.contents(atPath: "\(jobs)/\(name)"))
        }
        let log = try String(contentsOfFile: scratch.path("requests"), encoding: .utf8)
        #expect(log.contains("/bucket/out/words.jsonl"))
        // The output itself comes last: who finds it finds all.
        #expect(log.split(separator: "\n").last?.contains("words.jsonl\"") == true, "\(log)")
        let export = try Program.run(
            ["export", "\(jobs)/words.jsonl", "--format", "srt", "-o", "s3://bucket/subtitles/"],
            environment: keys)
        #expect(export.status == 0, "\(export.errors)")
        #expect(export.output.contains("s3://bucket/subtitles/"), "\(export.output)")
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path(""))
        #expect(names.count { $0.hasSuffix(".srt") } > 0, "\(names)")
        var wrong = keys
        wrong["AWS_SECRET_ACCESS_KEY"] = "other"
        let refused = try Program.run(job, environment: wrong)
        #expect(refused.status == 74, "\(refused.errors)")
        #expect(refused.errors.contains("403 AccessDenied"), "\(refused.errors)")
        let usage = try Program.run(
            ["transcribe", Examples.manifest, "--model", Examples.model, "-o", "s3://bucket/out/"],
            environment: keys)
        #expect(usage.status == 64, "\(usage.errors)")
    }
}
