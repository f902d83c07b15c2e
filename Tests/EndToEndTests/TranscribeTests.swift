import EngineClasses
import ErrorRates
import Foundation
import Tensors
import Testing

@Suite("scriptorium transcribe, on real speech")
struct TranscribeTests {
    @Test("the bundled examples come out whole, in order, and right")
    func examples() throws {
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        let result = try Program.run(["transcribe", Examples.manifest, "-o", out])
        #expect(result.status == 0, "\(result.errors)")
        let records = try Record.read(out)
        let rows = try Record.parseInputs(Examples.manifest)
        #expect(records.map(\.audioPath) == rows.map(\.audioPath))
        #expect(records.allSatisfy { $0.status == "transcribed" })
        // The model's header says 6 of 145 words; twice that would be the engine's fault.
        let errors = zip(records, rows).reduce(EditCounts()) { sum, pair in
            func words(_ text: String?) -> [Substring] { (text ?? "").split(separator: " ") }
            return sum
                + EditAlignment.counts(
                    reference: words(pair.1.text), hypothesis: words(pair.0.predictedText))
        }
        #expect(errors.referenceCount == 145)
        #expect(errors.errors <= 12, "\(records.map(\.predictedText))")
        #expect(FileManager.default.fileExists(atPath: out + ".report.json"))
        #expect(!FileManager.default.fileExists(atPath: out + ".part"))
    }

    @Test("batches, threads and workers do not change a byte")
    func independence() throws {
        let scratch = try Scratch()
        var outputs: Set<Data> = []
        for (index, options) in [
            ["--workers", "1", "--threads", "1"], ["--workers", "1", "--threads", "2"],
            ["--workers", "3", "--threads", "1"], ["--workers", "1", "--memory", "160"],
        ].enumerated() {
            let out = scratch.path("\(index).jsonl")
            let result = try Program.run(
                ["transcribe", Examples.manifest, "--model", Examples.model, "-o", out] + options)
            #expect(result.status == 0, "\(options): \(result.errors)")
            outputs.insert(try Data(contentsOf: URL(fileURLWithPath: out)))
        }
        #expect(outputs.count == 1)
    }

    @Test("narrow precisions read what float32 reads", arguments: EngineClass.narrowHere)
    func precisions(named: EngineClass) throws {
        let scratch = try Scratch()
        func texts(_ precision: String, _ instructionSet: String) throws -> [String] {
            let out = scratch.path("\(precision).jsonl")
            let result = try Program.run(
                [
                    "transcribe", Examples.manifest, "--precision", precision,
                    "--arithmetic", instructionSet, "-o", out,
                ])
            #expect(result.status == 0, "\(result.errors)")
            return try Record.read(out).map(\.predictedText)
        }
        // Some instruction sets are of narrow precisions alone.
        let set = named.instructionSet.rawValue
        let isWideToo = EngineClass.here.contains {
            $0.precision == .fp32 && $0.instructionSet == named.instructionSet
        }
        let wide = try texts("fp32", isWideToo ? set : "auto")
        let narrow = try texts(named.precision.rawValue, set)
        #expect(wide.count == 40 && narrow.count == wide.count)
        // bf16 changes no word. int8 may change one: one in a thousand is what it is allowed in
        // general (docs/numerics.md), and 145 words cannot show less than one.
        let differing = zip(wide, narrow).filter { $0 != $1 }.count
        #expect(differing <= (named.precision == .int8 ? 1 : 0), "\(named)")
    }

    @Test("one audio file without -o prints its text")
    func oneFile() throws {
        let clip = try #require(try Record.parseInputs(Examples.manifest).first)
        let path = "\(Examples.folder)/\(clip.audioPath ?? "")"
        let result = try Program.run(["transcribe", path, "--quiet"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "\(clip.text ?? "")\n")
    }

    @Test("the records of a folder or of a pattern need -o")
    func folderWithoutOutput() throws {
        for input in [Examples.folder, "\(Examples.folder)/*/*.flac"] {
            let result = try Program.run(["transcribe", input])
            #expect(result.status == 64 && result.errors.contains("give -o OUT.jsonl"))
        }
    }

    @Test("an output that is not there yet is told apart from one that never will be")
    func unfinished() throws {
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        try FileManager.default.createDirectory(
            atPath: out + ".job", withIntermediateDirectories: false)
        for command in ["verify", "evaluate"] {
            let result = try Program.run([command, out])
            #expect(result.status == 64 && result.errors.contains("is not finished"))
            let none = try Program.run([command, scratch.path("none.jsonl")])
            #expect(none.status == 64 && none.errors.contains("check the path"))
        }
        let status = try Program.run(["status", out])
        #expect(status.status == 75 && status.errors.contains("nobody works on"))
        let inspect = try Program.run(["inspect", "facebook/wav2vec2-base-960h"])
        #expect(inspect.status == 64 && inspect.errors.contains("hf:facebook/wav2vec2-base-960h"))
    }

    @Test("-o - streams records in input order")
    func stream() throws {
        let result = try Program.run(["transcribe", Examples.manifest, "-o", "-", "--quiet"])
        #expect(result.status == 0, "\(result.errors)")
        let records = try Record.parse(result.output)
        let rows = try Record.parseInputs(Examples.manifest)
        #expect(records.map(\.audioPath) == rows.map(\.audioPath))
    }

    @Test("running again is done at once, and brings a lost output back")
    func again() throws {
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        let arguments = ["transcribe", Examples.manifest, "-o", out, "--quiet"]
        #expect(try Program.run(arguments).status == 0)
        let first = try Data(contentsOf: URL(fileURLWithPath: out))
        try FileManager.default.removeItem(atPath: out)
        #expect(try Program.run(arguments).status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: out)) == first)
    }

    @Test("another model or other options are not mixed into a job that was begun")
    func otherJob() throws {
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        #expect(try Program.run(["transcribe", Examples.manifest, "-o", out]).status == 0)
        let result = try Program.run(
            ["transcribe", Examples.manifest, "-o", out, "--channels", "first"])
        #expect(result.status == 65)
        #expect(result.errors.contains("channels"), "\(result.errors)")
    }

    @Test("an output that no job explains is not overwritten")
    func foreignOutput() throws {
        let scratch = try Scratch()
        let out = scratch.path("out.jsonl")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: out))
        let result = try Program.run(["transcribe", Examples.manifest, "-o", out])
        #expect(result.status == 64)
        #expect(result.errors.contains("--overwrite"))
        #expect(try String(contentsOfFile: out, encoding: .utf8) == "mine")
    }

    @Test("bad rows get their records between good ones")
    func badRows() throws {
        let scratch = try Scratch()
        let clip =
            "\(Examples.folder)/\(try Record.parseInputs(Examples.manifest)[0].audioPath ?? "")"
        let lines = [
            "{\"audio_filepath\":\"\(clip)\",\"note\":\"kept\"}", "not json", "",
            "{\"audio_filepath\":\"/nowhere/x.wav\"}", "{\"text\":\"no path\"}",
            "{\"audio_filepath\":\"\(clip)\",\"offset\":1e9}",
            "{\"audio_filepath\":\"\(clip)\",\"pred_text\":\"old\",\"status\":\"old\"}",
        ]
        let manifest = scratch.path("rows.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: manifest))
        let out = scratch.path("out.jsonl")
        let result = try Program.run(["transcribe", manifest, "-o", out])
        #expect(result.status == 3, "\(result.errors)")
        let records = try Record.read(out)
        #expect(
            records.map { $0.error?.code ?? $0.status } == [
                "transcribed", "manifest.invalid_json", "audio.not_found", "manifest.missing_field",
                "manifest.bad_span", "transcribed",
            ])
        #expect(try String(contentsOfFile: out, encoding: .utf8).contains("\"note\":\"kept\""))
        #expect(records[0].predictedText == records[5].predictedText)
        let report = try String(contentsOfFile: out + ".report.json", encoding: .utf8)
        #expect(report.contains("\"source_fields\":{\"pred_text\":1,\"status\":1}"), "\(report)")
    }

    @Test("an empty manifest gives an empty output")
    func empty() throws {
        let scratch = try Scratch()
        let manifest = scratch.path("rows.jsonl")
        try Data("\n\n".utf8).write(to: URL(fileURLWithPath: manifest))
        let result = try Program.run(["transcribe", manifest, "-o", scratch.path("out.jsonl")])
        #expect(result.status == 0, "\(result.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path("out.jsonl"))).isEmpty)
    }
}

extension Record {
    /// The input rows that a record is compared with.
    struct Input: Decodable {
        let audioPath: String?
        let text: String?

        private enum CodingKeys: String, CodingKey {
            case audioPath = "audio_filepath"
            case text
        }
    }

    static func parseInputs(_ path: String) throws -> [Input] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Input.self, from: Data($0.utf8))
        }
    }
}
