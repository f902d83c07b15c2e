import Foundation
import Testing

/// What the last release wrote, Tests/Fixtures/former-release, in a folder of its own with its audio.
private final class FormerJob {
    let scratch: Scratch
    var out: String { scratch.path("out.jsonl") }
    var manifest: String { scratch.path("rows.jsonl") }

    static let fixtures = Program.root.appendingPathComponent("Tests/Fixtures/former-release")

    /// - Parameter folder: `finished`, `unfinished` or `part`.
    init(_ folder: String) throws {
        scratch = try Scratch()
        try FileManager.default.copyItem(
            atPath: "\(Examples.folder)/audio", toPath: scratch.path("audio"))
        try FileManager.default.copyItem(
            at: Self.fixtures.appendingPathComponent("rows.jsonl"),
            to: URL(fileURLWithPath: manifest))
        let source = Self.fixtures.appendingPathComponent(folder)
        for name in try FileManager.default.contentsOfDirectory(atPath: source.path)
        where name != "rows.jsonl" {
            try FileManager.default.copyItem(
                at: source.appendingPathComponent(name),
                to: URL(fileURLWithPath: scratch.path(name)))
        }
    }

    static func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: fixtures.appendingPathComponent(name))
    }

    func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: scratch.path(name)))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    func transcribe(to out: String, _ options: String...) throws -> Program.Result {
        try Program.run(
            [
                "transcribe", manifest, "--model", Examples.model, "-o", out, "--arithmetic",
                "portable",
            ]
                + options)
    }

    func verify(_ out: String, _ options: String...) throws -> Program.Result {
        try Program.run(
            ["verify", out, "--manifest", manifest, "--model", Examples.model, "--json"] + options)
    }

    /// The engine that a report beside an output names.
    func engine(ofReport name: String) throws -> Int {
        let report = try JSONSerialization.jsonObject(with: bytes(name)) as? [String: Any]
        return try #require((report?["job"] as? [String: Any])?["engine"] as? Int)
    }
}

@Suite("What the last release wrote")
struct FormerReleaseTests {
    @Test(
        "a finished output verifies, with its job folder and without, every row transcribed again")
    func verified() throws {
        let job = try FormerJob("finished")
        for _ in 0..<2 {
            let result = try job.verify(job.out, "--sample", "all", "--audio")
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(result.output.contains("\"engine\":2,"), "\(result.output)")
            #expect(result.output.contains("\"older_engine_rows\":[],"), "\(result.output)")
            try? FileManager.default.removeItem(atPath: job.out + ".job")
        }
    }

    @Test("a finished job's output and digests are written again as they were")
    func writtenAgain() throws {
        let job = try FormerJob("finished")
        for name in ["out.jsonl", "out.jsonl.report.json", "out.jsonl.digests.jsonl"] {
            try FileManager.default.removeItem(atPath: job.scratch.path(name))
        }
        let result = try job.transcribe(to: job.out)
        #expect(result.status == 3, "\(result.errors)")
        for name in ["out.jsonl", "out.jsonl.digests.jsonl"] {
            #expect(try job.bytes(name) == FormerJob.bytes("finished/\(name)"), "\(name)")
        }
        // No row was computed: its report is still the former engine's.
        #expect(try job.engine(ofReport: "out.jsonl.report.json") == 2)
        #expect(try job.verify(job.out, "--sample", "2").status == 0)
    }

    @Test("an unfinished job goes on to the former bytes, and says which rows are whose")
    func resumed() throws {
        let job = try FormerJob("unfinished")
        let result = try job.transcribe(to: job.out)
        #expect(result.status == 3, "\(result.errors)")
        #expect(
            result.errors.contains("begun with engine 2: its 3 recorded rows stay"),
            "\(result.errors)")
        #expect(try job.bytes("out.jsonl") == FormerJob.bytes("finished/out.jsonl"))
        let engine = try job.engine(ofReport: "out.jsonl.report.json")
        #expect(engine > 2)
        let report = try job.text("out.jsonl.report.json")
        #expect(
            report.contains(
                "\"engines\":[{\"engine\":2,\"rows\":3},{\"engine\":\(engine),\"rows\":3}]"),
            "\(report)")
        #expect(report.contains("\"kind\":\"engine_changed\""), "\(report)")
        let marks = try job.text("out.jsonl.digests.jsonl").split(separator: "\n")
            .map { $0.contains("\"engine\":2") }
        #expect(marks == [true, true, true, false, false, false])
        for _ in 0..<2 {
            let verified = try job.verify(job.out, "--sample", "all", "--audio")
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            #expect(
                verified.output.contains("\"rows_of_other_engines\":{\"2\":3}"),
                "\(verified.output)")
            try? FileManager.default.removeItem(atPath: job.out + ".job")
        }
        // A mark that is missing is found: the report counts three.
        let digests = job.scratch.path("out.jsonl.digests.jsonl")
        try Data(
            job.text("out.jsonl.digests.jsonl")
                .replacingOccurrences(of: ",\"engine\":2", with: "").utf8
        ).write(to: URL(fileURLWithPath: digests))
        #expect(try job.verify(job.out, "--sample", "0").status == 3)
    }

    @Test("a row that a former engine made is not held against this one, a row of its own is")
    func mixed() throws {
        let job = try FormerJob("unfinished")
        #expect(try job.transcribe(to: job.out).status == 3)
        let digests = try job.text("out.jsonl.digests.jsonl").split(separator: "\n")
        // The audio of one row of each engine becomes another one's.
        let names = try Record.read(job.out).map { $0.audioPath ?? "" }
        for row in [1, 4] {
            let path = job.scratch.path(names[row])
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(
                atPath: "\(Examples.folder)/audio/9_theo_2.wav", toPath: path)
        }
        let result = try job.verify(job.out, "--sample", "0", "--audio")
        #expect(digests[1].contains("\"engine\":2") && !digests[4].contains("\"engine\""))
        #expect(result.status == 3, "\(result.output)")
        #expect(result.output.contains("\"older_engine_rows\":[1],"), "\(result.output)")
        #expect(result.output.contains("{\"kind\":\"audio\",\"row\":4,"), "\(result.output)")
        #expect(!result.output.contains("{\"kind\":\"audio\",\"row\":1,"), "\(result.output)")
    }

    @Test("an unfinished job is exported and inspected without a change")
    func exported() throws {
        let job = try FormerJob("unfinished")
        let inspected = try Program.run(["journal", "inspect", job.out])
        #expect(inspected.status == 0 && inspected.output.contains("engine 2"))
        let result = try Program.run(["journal", "verify", job.out])
        // The folder that the job was in is not there: the input's place is all that is missed.
        #expect(!result.errors.contains("row "), "\(result.errors)")
        // From where the job's input is, its rows can be exported.
        #expect(try job.transcribe(to: job.out).status == 3)
        let export = try Program.run(["export", job.out, "--now"])
        #expect(export.status == 0, "\(export.errors)")
        #expect(try job.bytes("out.now.jsonl") == FormerJob.bytes("finished/out.jsonl"))
    }

    @Test("parts of both releases are joined to the former bytes, and the report names both")
    func joined() throws {
        let job = try FormerJob("part")
        let second = job.scratch.path("second.jsonl")
        // A new part has word times unless it is asked to be like the one that there is.
        let timed = job.scratch.path("timed.jsonl")
        #expect(try job.transcribe(to: timed, "--part", "2/2").status == 3)
        let unlike = try Program.run(["join", job.out, timed, job.scratch.path("part.jsonl")])
        #expect(unlike.status == 64)
        #expect(
            unlike.errors.contains("timestamps is word, there none"), "\(unlike.errors)")
        #expect(
            try job.transcribe(to: second, "--part", "2/2", "--timestamps", "none").status == 3)
        let engine = try job.engine(ofReport: "second.jsonl.report.json")
        let join = try Program.run(
            ["join", job.out, second, job.scratch.path("part.jsonl")])
        #expect(join.status == 0, "\(join.errors)")
        #expect(try job.bytes("out.jsonl") == FormerJob.bytes("finished/out.jsonl"))
        let report = try job.text("out.jsonl.report.json")
        #expect(
            report.contains(
                "\"engines\":[{\"engine\":2,\"rows\":3},{\"engine\":\(engine),\"rows\":3}]"),
            "\(report)")
        let verified = try job.verify(job.out, "--sample", "all", "--audio")
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        #expect(
            verified.output.contains("\"rows_of_other_engines\":{\"2\":3}"), "\(verified.output)")
        // A part of another form of the protocol is none of this job.
        let path = job.scratch.path("part.jsonl.report.json")
        try Data(
            job.text("part.jsonl.report.json")
                .replacingOccurrences(of: "\"protocol\":1", with: "\"protocol\":2").utf8
        ).write(to: URL(fileURLWithPath: path))
        let refused = try Program.run(
            ["join", job.out, second, job.scratch.path("part.jsonl"), "--overwrite"])
        #expect(refused.status == 64 && refused.errors.contains("protocol"), "\(refused.errors)")
    }
}
