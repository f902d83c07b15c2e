import Foundation
import Testing

/// A finished job in a folder of its own, to be tampered with.
private final class FinishedJob {
    let scratch: Scratch
    var out: String { scratch.path("out.jsonl") }
    var manifest: String { scratch.path("rows.jsonl") }

    /// Transcribes the first `rows` examples, whose audio is copied.
    init(rows: Int = 12) throws {
        scratch = try Scratch()
        try FileManager.default.copyItem(
            atPath: "\(Examples.folder)/audio", toPath: scratch.path("audio"))
        let lines = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n").prefix(rows)
        // One row fails, so that failures are verified too.
        let all = lines.map(String.init) + ["{\"audio_filepath\":\"audio/none.wav\",\"n\":1}"]
        try write(all.joined(separator: "\n") + "\n", to: manifest)
        let result = try Program.run([
            "transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet",
        ])
        #expect(result.status == 3, "\(result.errors)")
    }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    func lines() throws -> [String] {
        try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    func verify(_ options: String...) throws -> Program.Result {
        try Program.run(["verify", out, "--json"] + options)
    }

    /// Runs `verify` on changed lines; the output is as it was afterwards.
    func verify(lines: [String], end: String = "\n") throws -> Program.Result {
        let before = try Data(contentsOf: URL(fileURLWithPath: out))
        try write(lines.joined(separator: "\n") + end, to: out)
        defer { try? before.write(to: URL(fileURLWithPath: out)) }
        return try verify("--sample", "0")
    }
}

@Suite("scriptorium verify")
struct VerifyTests {
    @Test("an untouched output passes, with its audio read and every row transcribed again")
    func untouched() throws {
        let job = try FinishedJob()
        let result = try job.verify("--sample", "all", "--audio")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("\"verified\":true"))
        #expect(result.output.contains("\"audio_read\":12"), "\(result.output)")
        #expect(result.output.contains("\"transcribed_again\":13"), "\(result.output)")
        // The report beside the output is enough where the job folder is gone.
        try FileManager.default.removeItem(atPath: job.out + ".job")
        let alone = try job.verify("--sample", "2")
        #expect(alone.status == 0, "\(alone.output)\(alone.errors)")
        #expect(alone.output.contains("\"transcribed_again\":2"), "\(alone.output)")
        // So is the journal where the report is gone.
        let other = try FinishedJob(rows: 3)
        for name in [".report.json", ".digests.jsonl"] {
            try FileManager.default.removeItem(atPath: other.out + name)
        }
        let journal = try other.verify(
            "--sample", "2", "--manifest", other.manifest, "--model", Examples.model)
        #expect(journal.status == 0, "\(journal.output)\(journal.errors)")
    }

    @Test(
        "an output of an older engine holds, and the rows that this one makes otherwise are named")
    func olderEngine() throws {
        // Written by engine 2, which read the first of two MP3 files that were joined, and no more.
        let scratch = try Scratch()
        let fixtures = Program.root.appendingPathComponent("Tests/Fixtures")
        for name in ["rows.jsonl", "out.jsonl", "out.jsonl.report.json", "out.jsonl.digests.jsonl"]
        {
            try FileManager.default.copyItem(
                at: fixtures.appendingPathComponent("engine-2/\(name)"),
                to: URL(fileURLWithPath: scratch.path(name)))
        }
        let formats = fixtures.appendingPathComponent("audio/formats")
        let mp3 = try Data(contentsOf: formats.appendingPathComponent("mp3_vbr_44100_joint.mp3"))
        try (mp3 + mp3).write(to: URL(fileURLWithPath: scratch.path("joined.mp3")))
        try Data(contentsOf: formats.appendingPathComponent("s16.au"))
            .write(to: URL(fileURLWithPath: scratch.path("s16.au")))
        let arguments = [
            "verify", scratch.path("out.jsonl"), "--manifest", scratch.path("rows.jsonl"),
            "--sample", "0", "--audio",
        ]
        let result = try Program.run(arguments + ["--json"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("\"engine\":2,"), "\(result.output)")
        #expect(result.output.contains("\"older_engine_rows\":[1],"), "\(result.output)")
        let text = try Program.run(arguments).output
        #expect(text.contains("made by engine 2"), "\(text)")
        // Bytes that were changed are found all the same.
        let path = scratch.path("out.jsonl")
        let changed = try String(contentsOfFile: path, encoding: .utf8)
            .replacingOccurrences(of: "FIE", with: "FIVE")
        try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
        #expect(try Program.run(arguments).status == 3)
    }

    @Test("every kind of tampering is found and named by row")
    func tampering() throws {
        let job = try FinishedJob()
        let lines = try job.lines()
        var variants: [(name: String, lines: [String], end: String, kind: String, row: Int)] = []
        var changed = lines
        changed.remove(at: 4)
        variants.append(("dropped", changed, "\n", "missing", 4))
        changed = lines
        changed.insert(lines[4], at: 5)
        variants.append(("doubled", changed, "\n", "repeated", 4))
        changed = lines
        changed.swapAt(3, 9)
        variants.append(("swapped", changed, "\n", "misplaced", 9))
        changed = lines
        changed[4] = lines[4].replacingOccurrences(
            of: "\"pred_text\":\"", with: "\"pred_text\":\"X ")
        variants.append(("edited text", changed, "\n", "changed", 4))
        changed = lines
        changed[4] = lines[4].replacingOccurrences(of: "\"text\": \"", with: "\"text\": \"X ")
        variants.append(("edited field", changed, "\n", "changed", 4))
        changed = Array(lines[..<8]) + [String(lines[8].dropLast(5))]
        variants.append(("truncated", changed, "", "changed", 8))
        for variant in variants {
            #expect(variant.lines != lines, "\(variant.name)")
            let result = try job.verify(lines: variant.lines, end: variant.end)
            #expect(result.status == 3, "\(variant.name): \(result.output)\(result.errors)")
            #expect(
                result.output.contains(
                    "{\"kind\":\"\(variant.kind)\",\"row\":\(variant.row),"),
                "\(variant.name): \(result.output)")
            // The sum differs from what journal and report say, too.
            #expect(result.output.contains("{\"kind\":\"output\","), "\(variant.name)")
        }
        #expect(try job.verify("--sample", "0").status == 0)
    }

    @Test("files beside the output that were changed are found")
    func beside() throws {
        let job = try FinishedJob(rows: 3)
        let digests = job.out + ".digests.jsonl"
        let before = try String(contentsOfFile: digests, encoding: .utf8)
        var lines = before.split(separator: "\n").map(String.init)
        lines.swapAt(0, 1)
        try job.write(lines.joined(separator: "\n") + "\n", to: digests)
        let swapped = try job.verify("--sample", "0")
        #expect(swapped.status == 3)
        #expect(swapped.output.contains("{\"kind\":\"digests\",\"row\":1,"), "\(swapped.output)")
        try job.write(before, to: digests)
        let report = job.out + ".report.json"
        let text = try String(contentsOfFile: report, encoding: .utf8)
        try job.write(
            text.replacingOccurrences(of: "\"transcribed\":3", with: "\"transcribed\":4"),
            to: report)
        let miscounted = try job.verify("--sample", "0")
        #expect(miscounted.status == 3)
        #expect(miscounted.output.contains("counts 4 transcribed rows"), "\(miscounted.output)")
    }

    @Test("audio that changed is named by row, with and without transcribing it")
    func changedAudio() throws {
        let job = try FinishedJob()
        let inputs = try Record.parseInputs(job.manifest)
        let first = job.scratch.path(try #require(inputs[2].audioPath))
        let second = job.scratch.path(try #require(inputs[6].audioPath))
        try FileManager.default.removeItem(atPath: first)
        try FileManager.default.copyItem(atPath: second, toPath: first)
        try FileManager.default.removeItem(atPath: second)
        let audio = try job.verify("--sample", "0", "--audio")
        #expect(audio.status == 3)
        for row in [2, 6] {
            #expect(
                audio.output.contains("{\"kind\":\"audio\",\"row\":\(row),"), "\(audio.output)")
        }
        #expect(audio.output.contains("\"differences\":2,"), "\(audio.output)")
        let sample = try job.verify("--sample", "all")
        #expect(sample.status == 3)
        #expect(
            sample.output.contains("{\"kind\":\"transcript\",\"row\":6,"), "\(sample.output)")
        // Nothing of this is seen without looking at audio.
        #expect(try job.verify("--sample", "0").status == 0)
    }

    @Test("an input that changed is said, and nothing is compared with it")
    func changedInput() throws {
        let job = try FinishedJob(rows: 3)
        let text = try String(contentsOfFile: job.manifest, encoding: .utf8)
        try job.write(text + text, to: job.manifest)
        let result = try job.verify()
        #expect(result.status == 3)
        #expect(
            result.output.contains(
                "\"differences\":1,\"first_differences\":[{\"kind\":\"manifest\""),
            "\(result.output)")
    }

    @Test("another model is refused, and an unfinished job is not verified")
    func refusals() throws {
        let job = try FinishedJob(rows: 3)
        let other = job.scratch.path("other")
        try FileManager.default.copyItem(atPath: Examples.model, toPath: other)
        let vocabulary = "\(other)/vocab.json"
        let text = try String(contentsOfFile: vocabulary, encoding: .utf8)
        try job.write(text.replacingOccurrences(of: "\"Z\"", with: "\"z\""), to: vocabulary)
        let model = try job.verify("--model", other)
        #expect(model.status == 65)
        #expect(model.errors.contains("not the job's model"), "\(model.errors)")
        try job.write("mine\n", to: job.scratch.path("mine.jsonl"))
        let foreign = try Program.run(["verify", job.scratch.path("mine.jsonl")])
        #expect(foreign.status == 64)
        #expect(foreign.errors.contains("nothing says what this output should be"))
    }

    @Test("people read what was looked at and which rows differ")
    func text() throws {
        let job = try FinishedJob(rows: 3)
        let good = try Program.run(["verify", job.out, "--sample", "1"])
        #expect(good.status == 0)
        #expect(good.output.contains("1 rows transcribed again in "), "\(good.output)")
        #expect(good.output.hasSuffix("verified  all of this holds\n"), "\(good.output)")
        try job.write(try job.lines().dropLast().joined(separator: "\n") + "\n", to: job.out)
        let bad = try Program.run(["verify", job.out, "--sample", "0"])
        #expect(bad.output.contains("row 3: no record\n"), "\(bad.output)")
    }
}
