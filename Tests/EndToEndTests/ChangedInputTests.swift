import Foundation
import TestProcesses
import Testing

@Suite("Inputs that change, in parts and with shared audio")
struct ChangedInputTests {
    private let scratch: Scratch
    private var manifest: String { scratch.path("rows.jsonl") }
    private var out: String { scratch.path("out.jsonl") }

    init() throws {
        scratch = try Scratch()
    }

    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private func write(_ rows: some Sequence<String>) throws {
        try Data(rows.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: manifest))
    }

    private func transcribe(_ options: [String], to output: String? = nil) throws
        -> Program.Result
    {
        try Program.run(
            ["transcribe", manifest, "--model", Examples.model, "-o", output ?? out, "--quiet"]
                + options)
    }

    /// The output and its digests are a fresh run's, and hold up to all that is checked.
    private func expectAsFresh(_ options: [String]) throws {
        let fresh = scratch.path("fresh.jsonl")
        #expect(try transcribe(options + ["--overwrite"], to: fresh).status == 0)
        for suffix in ["", ".digests.jsonl"] {
            #expect(try bytes(out + suffix) == bytes(fresh + suffix), "\(suffix)")
        }
        let verified = try Program.run(["verify", out, "--sample", "2", "--audio"])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        let journal = try Program.run(["journal", "verify", out])
        #expect(journal.status == 0, "\(journal.errors)")
    }

    @Test("a job that goes on with more rows is not finished, whatever its report says")
    func statusOfGrown() throws {
        let rows = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n").prefix(3)
            .map { $0.replacingOccurrences(of: "audio/", with: "\(Examples.folder)/audio/") }
        try write(rows.prefix(2))
        #expect(try transcribe([]).status == 0)
        let finished = try Program.run(["status", out])
        #expect(finished.status == 0 && finished.output.contains("finished"))

        try write(rows)
        let coordinator = try Program.Running([
            "coordinate", manifest, "--model", Examples.model, "-o", out, "--listen",
            "tcp://127.0.0.1:0", "--insecure-plaintext",
        ])
        for _ in 0..<300
        where !coordinator.errorsSoFar.contains("listening on") && coordinator.process.isRunning {
            Thread.sleep(forTimeInterval: 0.1)
        }
        coordinator.process.send(SIGTERM)
        let end = coordinator.wait()
        #expect(end.status == 75, "\(end.errors)")
        let status = try Program.run(["status", out])
        #expect(status.status == 75 && status.errors.contains("nobody works on"))
    }

    @Test("a part of a manifest that grew has other rows: it is refused, or reconciled")
    func parts() throws {
        let rows = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n")
            .map { $0.replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/") }
        for (part, same) in [("1/2", 6), ("2/2", 2)] {
            let options = ["--part", part]
            try write(rows.prefix(12))
            #expect(try transcribe(options + ["--overwrite"]).status == 0)
            try expectAsFresh(options)
            #expect(try Program.run(["export", out, "--now"]).status == 0)
            let snapshot = scratch.path("out.now.jsonl")
            #expect(try bytes(snapshot) == bytes(out))
            #expect(!FileManager.default.fileExists(atPath: snapshot + ".digests.jsonl"))

            try write(rows.prefix(20))
            let refused = try transcribe(options)
            #expect(refused.status == 65)
            #expect(
                refused.errors.contains("\(same) of the rows now are recorded already"),
                "\(part): \(refused.errors)")
            #expect(try transcribe(options + ["--reconcile"]).status == 0)
            try expectAsFresh(options)
        }
    }

    @Test("rows with shared audio are found again when the input changed, and only then")
    func dedupe() throws {
        let inputs = try Record.parseInputs(Examples.manifest)
        for (index, input) in inputs.prefix(3).enumerated() {
            for copy in ["a", "b"] {
                try FileManager.default.copyItem(
                    atPath: "\(Examples.folder)/\(input.audioPath ?? "")",
                    toPath: scratch.path("\(copy)\(index).wav"))
            }
        }
        let rows = (0..<12).map { row in
            "{\"audio_filepath\":\"\(row % 2 == 0 ? "a" : "b")\(row % 3).wav\",\"n\":\(row)}"
        }
        let duplicates = out + ".job/twins"
        try write(rows.prefix(7))
        #expect(try transcribe(["--dedupe"]).status == 0)
        try expectAsFresh(["--dedupe"])
        let pairs = try bytes(duplicates)

        // What was refused leaves everything as it was.
        #expect(try transcribe(["--dedupe", "--part", "2/2"]).status == 65)
        try write(rows.prefix(7).dropFirst())
        #expect(try transcribe(["--dedupe"]).status == 65)
        #expect(try bytes(duplicates) == pairs)

        try write(rows)
        #expect(try transcribe(["--dedupe"]).status == 0)
        #expect(try bytes(duplicates).count > pairs.count)
        try expectAsFresh(["--dedupe"])

        try write(rows.dropFirst(2).reversed())
        #expect(try transcribe(["--dedupe", "--reconcile"]).status == 0)
        try expectAsFresh(["--dedupe"])
    }
}
