import Foundation
import ReservedPorts
import Testing

@Suite("Parts of a manifest, and their outputs joined")
struct PartTests {
    /// The examples with a line that is no row in each third, after blank lines.
    private func manifest(in scratch: Scratch) throws -> String {
        var lines = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n")
            .map { $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/") }
        for place in [30, 17, 3] {
            lines.insert(contentsOf: ["", "not json \(place)", ""], at: place)
        }
        let path = scratch.path("rows.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func transcribe(_ manifest: String, _ out: String, _ options: String...) throws
        -> Program.Result
    {
        try Program.run(
            ["transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet"] + options)
    }

    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    @Test("three parts joined are the bytes of the whole, which verify like it")
    func joined() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let whole = scratch.path("whole.jsonl")
        #expect(try transcribe(manifest, whole).status == 3)
        let parts = (1...3).map { scratch.path("part-\($0).jsonl") }
        for (index, part) in parts.enumerated() {
            let result = try transcribe(manifest, part, "--part", "\(index + 1)/3")
            #expect(result.status == 3, "\(result.errors)")
        }
        #expect(try parts.map { try Record.read($0).count } == [14, 14, 15])
        let out = scratch.path("out.jsonl")
        // As a shell writes part-*.jsonl out.
        let beside = parts.map { $0 + ".digests.jsonl" }
        let join = try Program.run(["join", out] + parts.reversed() + beside)
        #expect(join.status == 0, "\(join.errors)")
        #expect(join.output.contains("43 rows of 3 parts, 40 transcribed, 3 rejected"))
        #expect(try bytes(out) == bytes(whole))
        #expect(try bytes(out + ".digests.jsonl") == bytes(whole + ".digests.jsonl"))
        let report = try String(contentsOfFile: out + ".report.json", encoding: .utf8)
        let wholeReport = try String(contentsOfFile: whole + ".report.json", encoding: .utf8)
        let identity = try #require(wholeReport.split(separator: ",").first)
        #expect(report.hasPrefix(identity), "the joined job has the name of the whole one")
        for row in [3, 18, 32] {
            #expect(
                report.contains("{\"row\":\(row),\"status\":\"rejected\""), "row \(row): \(report)")
        }
        for output in [out] + parts {
            let verified = try Program.run(["verify", output, "--sample", "2", "--audio"])
            #expect(verified.status == 0, "\(output): \(verified.output)\(verified.errors)")
        }
        let joined = try Program.run(["status", out])
        #expect(
            joined.status == 0 && joined.output.contains("finished"),
            "\(joined.output)\(joined.errors)")
        let status = try Program.run(["status"] + parts)
        #expect(status.status == 0, "\(status.errors)")
        #expect(
            status.output.hasSuffix("43 of 43 rows: 40 transcribed, 3 rejected, 0 quarantined\n"),
            "\(status.output)")
    }

    @Test("parts that do not make a whole are not joined, and nothing is written")
    func refused() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let parts = (1...2).map { scratch.path("part-\($0).jsonl") }
        for (index, part) in parts.enumerated() {
            #expect(try transcribe(manifest, part, "--part", "\(index + 1)/2").status == 3)
        }
        let other = scratch.path("other.jsonl")
        #expect(
            try transcribe(manifest, other, "--part", "2/2", "--channels", "first").status == 3)
        let third = scratch.path("third.jsonl")
        #expect(try transcribe(manifest, third, "--part", "2/3").status == 3)
        let out = scratch.path("out.jsonl")
        func join(_ parts: [String], _ sentence: String) throws {
            let result = try Program.run(["join", out] + parts)
            #expect(result.status == 64, "\(sentence): \(result.output)")
            #expect(result.errors.contains(sentence), "\(sentence): \(result.errors)")
            for suffix in ["", ".part", ".report.json", ".digests.jsonl", ".digests.jsonl.part"] {
                #expect(!FileManager.default.fileExists(atPath: out + suffix), "\(suffix)")
            }
        }
        try join([parts[0]], "part 2/2 is missing")
        try join([parts[0], parts[1], parts[1]], "part 2/2 is given twice")
        try join([parts[0], other], "a part of another job than \(parts[0]): options")
        try join([parts[0], third], "part 2/3, but \(parts[0]) is part 1/2")
        try join([parts[0], Examples.manifest], "no report beside it")
        let before = try bytes(parts[1])
        try before.dropLast(40).write(to: URL(fileURLWithPath: parts[1]))
        try join(parts, "scriptorium verify \(parts[1]) tells what differs")
        try before.write(to: URL(fileURLWithPath: parts[1]))
        #expect(try Program.run(["join", out] + parts).status == 0)
        let again = try Program.run(["join", out] + parts)
        #expect(again.status == 64)
        #expect(again.errors.contains("--overwrite"), "\(again.errors)")
    }

    @Test("another part is another job, and more parts than rows leave some of them empty")
    func identity() throws {
        let scratch = try Scratch()
        let manifest = scratch.path("rows.jsonl")
        try Data("not json\n{}\n".utf8).write(to: URL(fileURLWithPath: manifest))
        let out = scratch.path("out.jsonl")
        #expect(try transcribe(manifest, out, "--part", "1/2").status == 3)
        let other = try transcribe(manifest, out, "--part", "2/2")
        #expect(other.status == 65)
        #expect(other.errors.contains("--part is 2/2, was 1/2"), "\(other.errors)")
        let whole = try transcribe(manifest, out)
        #expect(whole.errors.contains("--part is 1/1, was 1/2"), "\(whole.errors)")
        #expect(try transcribe(manifest, out, "--part", "2/2", "--overwrite").status == 3)
        #expect(try Record.read(out).first?.error?.code == "manifest.missing_field")
        let parts = (1...3).map { scratch.path("part-\($0).jsonl") }
        #expect(
            try parts.enumerated().map { index, part in
                try transcribe(manifest, part, "--part", "\(index + 1)/3").status
            } == [0, 3, 3])
        #expect(try Program.run(["join", scratch.path("j.jsonl")] + parts).status == 0)
        #expect(try transcribe(manifest, out, "--part", "3/2").status == 64)
    }

    @Test("a worker that knows the coordinators of all parts works for each, and then ends")
    func roaming() throws {
        let scratch = try Scratch()
        let whole = scratch.path("whole.jsonl")
        #expect(try transcribe(Examples.manifest, whole).status == 0)
        let endpoints = try (1...2).map { _ in try ReservedPort().endpoint }
        let parts = (1...2).map { scratch.path("part-\($0).jsonl") }
        let worker = try Program.Running(
            ["work", "--insecure-plaintext", "--model", Examples.model, "--threads", "1"]
                + endpoints.flatMap { ["--connect", $0] })
        let coordinators = try zip(parts, endpoints).enumerated().map { index, pair in
            try Program.Running([
                "coordinate", Examples.manifest, "--model", Examples.model, "-o", pair.0, "--part",
                "\(index + 1)/2", "--listen", pair.1, "--insecure-plaintext",
            ])
        }
        for coordinator in coordinators {
            let result = coordinator.wait()
            #expect(result.status == 0, "\(result.errors)")
        }
        let end = worker.wait()
        #expect(end.status == 0, "\(end.errors)")
        #expect(end.errors.contains("on to the next"), "\(end.errors)")
        let out = scratch.path("out.jsonl")
        let join = try Program.run(["join", out] + parts)
        #expect(join.status == 0, "\(join.errors)")
        #expect(try bytes(out) == bytes(whole))
    }
}
