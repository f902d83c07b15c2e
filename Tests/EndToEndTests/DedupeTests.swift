import Foundation
import Testing

@Suite("scriptorium transcribe --dedupe")
struct DedupeTests {
    /// Rows over copies of three recordings, with fields of their own.
    private func manifest(in scratch: Scratch) throws -> String {
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
        let all = rows + ["{\"audio_filepath\":\"none.wav\"}", "{\"audio_filepath\":\"none.wav\"}"]
        let path = scratch.path("rows.jsonl")
        try Data((all.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("the output is the same, and each row says whose audio it has beside it")
    func sameBytes() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let plain = scratch.path("plain.jsonl")
        let out = scratch.path("out.jsonl")
        let command = ["transcribe", manifest, "--model", Examples.model, "-o"]
        #expect(try Program.run(command + [plain]).status == 3)
        let result = try Program.run(command + [out, "--dedupe"])
        #expect(result.status == 3, "\(result.errors)")
        #expect(result.errors.contains("10 rows have the audio of an earlier row"))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: out))
                == Data(contentsOf: URL(fileURLWithPath: plain)))
        let digests = try String(contentsOfFile: out + ".digests.jsonl", encoding: .utf8)
            .split(separator: "\n")
        #expect(digests.count == 14)
        for row in 3..<12 {
            #expect(digests[row].hasSuffix(",\"same_audio_as\":\(row % 3)}"), "\(digests[row])")
        }
        #expect(!digests[0].contains("same_audio_as"))
        // The copies of a recording are one digest, whatever their names.
        #expect(
            digests[0].split(separator: ",")[1].dropLast() == digests[3].split(separator: ",")[1])
        let report = try String(contentsOfFile: out + ".report.json", encoding: .utf8)
        #expect(report.contains("\"same_audio\":10,"), "\(report.prefix(600))")
        let verified = try Program.run(["verify", out, "--sample", "all", "--audio"])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    }

    @Test("it may come and go between the runs of one job")
    func resumes() throws {
        let scratch = try Scratch()
        let manifest = try manifest(in: scratch)
        let out = scratch.path("out.jsonl")
        let command = ["transcribe", manifest, "--model", Examples.model, "-o", out, "--quiet"]
        #expect(try Program.run(command + ["--dedupe"]).status == 3)
        let first = try Data(contentsOf: URL(fileURLWithPath: out))
        try FileManager.default.removeItem(atPath: out)
        #expect(try Program.run(command).status == 3)
        #expect(try Data(contentsOf: URL(fileURLWithPath: out)) == first)
    }

    @Test("log-probabilities are wanted of every row")
    func saveLogits() throws {
        let result = try Program.run([
            "transcribe", Examples.manifest, "-o", "x.jsonl", "--dedupe", "--save-logits", "logits",
        ])
        #expect(result.status == 64)
        #expect(result.errors.contains("--save-logits"), "\(result.errors)")
    }
}
