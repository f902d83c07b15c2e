import Foundation
import TestProcesses
import Testing

@Suite("scriptorium transcribe --features")
struct FeaturesTests {
    /// Twelve recordings, one of them twice, and a row without audio.
    private func manifest(in scratch: Scratch) throws -> String {
        let lines = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n").prefix(12)
            .map { $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/") }
        let path = scratch.path("rows.jsonl")
        let all = lines + [lines[0], "{\"audio_filepath\":\"none.wav\"}"]
        try Data((all.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func transcribe(_ manifest: String, _ out: String, _ options: String...) throws
        -> Program.Result
    {
        try Program.run(
            ["transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet", "--features"]
                + options)
    }

    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private func features(_ out: String) throws -> [[String: Any]] {
        try String(contentsOfFile: out + ".features.jsonl", encoding: .utf8)
            .split(separator: "\n").map { line in
                try #require(
                    JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
    }

    @Test("each row has a line, and the bytes are the same whatever the workers and duplicates")
    func linesOfAllRows() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let out = scratch.path("out.jsonl"), other = scratch.path("other.jsonl")
        let first = try transcribe(manifest, out, "--workers", "1", "--threads", "2")
        #expect(first.status == 3, "\(first.errors)")
        let second = try transcribe(
            manifest, other, "--workers", "2", "--threads", "1", "--dedupe")
        #expect(second.status == 3, "\(second.errors)")
        #expect(try bytes(out + ".features.jsonl") == bytes(other + ".features.jsonl"))
        let lines = try features(out)
        #expect(lines.count == 14)
        for (row, line) in lines.enumerated() { #expect(line["row"] as? Int == row) }
        #expect(lines[13].keys.sorted() == ["row", "status"])
        #expect(lines[13]["status"] as? String == "rejected")
        for line in lines.dropLast() {
            let least = try #require(line["least_posterior"] as? Double)
            let mean = try #require(line["mean_posterior"] as? Double)
            #expect(0 < least && least <= mean && mean <= 1)
            #expect(try #require(line["bandwidth_hz"] as? Int) > 500)
            #expect(try #require(line["level_dbfs"] as? Double) > -60)
            #expect(try #require(line["symbols_per_second"] as? Double) > 1)
        }
        // A copy has the features of its twin.
        let texts = try String(contentsOfFile: out + ".features.jsonl", encoding: .utf8)
            .split(separator: "\n")
        #expect(texts[12].dropFirst("{\"row\":12".count) == texts[0].dropFirst("{\"row\":0".count))
        for output in [out, other] {
            let verified = try Program.run(["verify", output, "--sample", "all"])
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            #expect(verified.output.contains("features  of 14 rows"), "\(verified.output)")
        }
        // Records know nothing of features.
        let plain = scratch.path("plain.jsonl")
        #expect(
            try Program.run([
                "transcribe", manifest, "--model", Examples.model, "-o", plain, "--quiet",
            ]).status == 3)
        #expect(try bytes(plain) == bytes(out))
        #expect(!FileManager.default.fileExists(atPath: plain + ".features.jsonl"))
    }

    @Test("after kills at any moment the same command ends with the same file")
    func kills() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let whole = scratch.path("whole.jsonl"), out = scratch.path("out.jsonl")
        let began = ContinuousClock.now
        #expect(try transcribe(manifest, whole).status == 3)
        let milliseconds = Int((ContinuousClock.now - began) / .milliseconds(1))
        for share in [2, 4, 6, 8] {
            let running = try Program.Running([
                "transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet",
                "--features", "--calm", "1",
            ])
            // A random moment is what is wanted here.
            usleep(UInt32(milliseconds * share * 100))
            kill(running.process.identifier, SIGKILL)
            _ = running.wait()
        }
        let end = try transcribe(manifest, out, "--calm", "1")
        #expect(end.status == 3, "\(end.errors)")
        #expect(try bytes(out + ".features.jsonl") == bytes(whole + ".features.jsonl"))
        // A file that is gone is written again.
        try FileManager.default.removeItem(atPath: out + ".features.jsonl")
        #expect(try transcribe(manifest, out).status == 3)
        #expect(try bytes(out + ".features.jsonl") == bytes(whole + ".features.jsonl"))
    }

    @Test("verify names rows whose features are others, with and without the journal")
    func damage() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let out = scratch.path("out.jsonl")
        #expect(try transcribe(manifest, out).status == 3)
        let path = out + ".features.jsonl"
        let before = try bytes(path)
        let text = String(decoding: before, as: UTF8.self)
        let lines = text.split(separator: "\n").map { "\($0)\n" }
        func verify(_ changed: String?, _ sentence: String) throws {
            if let changed {
                try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
            } else {
                try FileManager.default.removeItem(atPath: path)
            }
            let result = try Program.run(["verify", out, "--sample", "0"])
            #expect(result.status == 3, "\(sentence): \(result.output)\(result.errors)")
            #expect(result.output.contains(sentence), "\(sentence): \(result.output)")
            try before.write(to: URL(fileURLWithPath: path))
        }
        for _ in 0..<2 {
            try verify(nil, "is not here; run the job's command again")
            try verify(
                lines[..<5].joined()
                    + lines[5].replacingOccurrences(of: "\"mean_p", with: "\"mean_q")
                    + lines[6...].joined(), "row 5: \(path): its features are not what was recorded"
            )
            try verify(lines[..<9].joined(), "rows 9 to 13: \(path): no line")
            try verify(
                lines[1] + lines[0] + lines[2...].joined(),
                "row 0: \(path): the features of row 1 stand in its place")
            try verify(String(text.dropLast(5)), "row 13: \(path): this is no line of features")
            // Then by the digests beside the output alone.
            if FileManager.default.fileExists(atPath: out + ".job") {
                try FileManager.default.removeItem(atPath: out + ".job")
            }
        }
        #expect(try Program.run(["verify", out, "--sample", "3"]).status == 0)
    }

    @Test("the features of parts are joined; a part without them is refused")
    func parts() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let whole = scratch.path("whole.jsonl"), out = scratch.path("out.jsonl")
        #expect(try transcribe(manifest, whole).status == 3)
        let parts = (1...3).map { scratch.path("part-\($0).jsonl") }
        for (index, part) in parts.enumerated() {
            let result = try transcribe(manifest, part, "--part", "\(index + 1)/3")
            #expect([0, 3].contains(result.status), "\(result.errors)")
        }
        let features = parts.map { $0 + ".features.jsonl" }
        let kept = try bytes(features[1])
        try FileManager.default.removeItem(atPath: features[1])
        let refused = try Program.run(["join", out] + parts)
        #expect(refused.status == 64 || refused.status == 65, "\(refused.errors)")
        #expect(refused.errors.contains("\(features[1]): not there"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: out))
        #expect(!FileManager.default.fileExists(atPath: out + ".features.jsonl"))
        try kept.write(to: URL(fileURLWithPath: features[1]))
        let joined = try Program.run(["join", out] + parts + features)
        #expect(joined.status == 0, "\(joined.errors)")
        #expect(try bytes(out + ".features.jsonl") == bytes(whole + ".features.jsonl"))
        #expect(try bytes(out + ".digests.jsonl") == bytes(whole + ".digests.jsonl"))
        let verified = try Program.run(["verify", out, "--sample", "2"])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    }

    @Test("channels have a list, and what goes to a stream has no features")
    func channelsAndStreams() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let out = scratch.path("out.jsonl")
        #expect(try transcribe(manifest, out, "--channels", "each").status == 3)
        let first = try #require(features(out).first)
        #expect((first["channels"] as? [[String: Any]])?.first?["level_dbfs"] is Double)
        let stream = try transcribe(manifest, "-")
        #expect(stream.status == 64)
        #expect(stream.errors.contains("--features writes a file beside the output"))
        let other = try Program.run([
            "transcribe", manifest, "--model", Examples.model, "-o", out, "--channels", "each",
        ])
        #expect(other.status == 65)
        #expect(other.errors.contains("--features is off, was on"), "\(other.errors)")
    }
}
