import Foundation
import Testing

@Suite("scriptorium export --format")
struct ExportFormatTests {
    /// A folder of two talks and its output, and a file that is no recording.
    private func transcribed(in scratch: Scratch) throws -> String {
        try FileManager.default.createDirectory(
            at: scratch.url.appendingPathComponent("talks"), withIntermediateDirectories: true)
        for (index, input) in try Record.parseInputs(Examples.manifest).prefix(2).enumerated() {
            try FileManager.default.copyItem(
                atPath: "\(Examples.folder)/\(input.audioPath ?? "")",
                toPath: scratch.path("talks/talk\(index).wav"))
        }
        let out = scratch.path("out.jsonl")
        let result = try Program.run([
            "transcribe", scratch.path("talks"), "--model", Examples.model, "-o", out,
        ])
        #expect(result.status == 0, "\(result.errors)")
        return out
    }

    @Test("a folder of talks gets subtitles beside each file, from the output alone")
    func subtitlesBesideRecordings() throws {
        let scratch = try Scratch()
        let out = try transcribed(in: scratch)
        let result = try Program.run(["export", out, "--format", "srt", "--beside"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("2 rows exported as 2 srt files beside the recordings"))
        let text = try String(contentsOfFile: scratch.path("talks/talk0.srt"), encoding: .utf8)
        #expect(text.hasPrefix("1\n00:00:00,000 --> "))
        #expect(text.contains("ZERO"))
        // What is there stays, unless somebody says otherwise.
        let again = try Program.run(["export", out, "--format", "srt", "--beside"])
        #expect(again.status == 64)
        #expect(again.errors.contains("--replace"))
        #expect(
            try Program.run(["export", out, "--format", "srt", "--beside", "--replace"]).status
                == 0)
    }

    @Test("a corpus names the recordings that the job read, with what their headers say")
    func corpus() throws {
        let scratch = try Scratch()
        let out = try transcribed(in: scratch)
        let folder = scratch.path("corpus")
        let result = try Program.run(["export", out, "--format", "lhotse", "-o", folder])
        #expect(result.status == 0, "\(result.errors)")
        let recordings = try String(contentsOfFile: "\(folder)/recordings.jsonl", encoding: .utf8)
        #expect(recordings.contains("\"sampling_rate\":8000,"))
        #expect(recordings.contains("/talks/talk0.wav\""))
        let cuts = try String(contentsOfFile: "\(folder)/cuts.jsonl", encoding: .utf8)
        #expect(cuts.split(separator: "\n").count == 2)
    }

    @Test("samples of a data set are the recordings' own bytes, or spans cut out of them")
    func dataset() throws {
        let scratch = try Scratch()
        let out = try transcribed(in: scratch)
        let whole = try String(contentsOfFile: out, encoding: .utf8)
        let span = whole.split(separator: "\n")[0]
            .replacing(/"duration":[0-9.]+/, with: "\"offset\":0.05,\"duration\":0.1")
        let both = scratch.path("both.jsonl")
        try Data("\(whole)\(span)\n".utf8).write(to: URL(fileURLWithPath: both))
        let folder = scratch.path("data")
        let result = try Program.run(["export", both, "--format", "audiofolder", "-o", folder])
        #expect(result.status == 0, "\(result.errors)")
        let lines = try String(contentsOfFile: "\(folder)/metadata.jsonl", encoding: .utf8)
            .split(separator: "\n")
        #expect(lines.count == 3)
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
        let copy = try #require(files.first { $0.hasSuffix("talk0.wav") })
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(copy)"))
                == Data(contentsOf: URL(fileURLWithPath: scratch.path("talks/talk0.wav"))))
        let cut = try #require(files.first { $0.hasPrefix("segments/talk0-") })
        // A tenth of a second at 16 kHz and 16 bits, behind the header.
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(cut)")).count == 44 + 3_200)
    }

    @Test("an unknown format, and a place that is missing, are said before anything is read")
    func usage() throws {
        for arguments in [["--format", "doc", "-o", "x"], ["--format", "srt"], [], ["-o", "x"]] {
            let result = try Program.run(["export", "none.jsonl"] + arguments)
            #expect(result.status == 64, "\(arguments)")
        }
    }
}
