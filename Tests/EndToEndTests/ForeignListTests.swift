import Foundation
import Testing

@Suite("Lists of other programs, transcribed")
struct ForeignListTests {
    private let scratch: Scratch
    /// Two recordings of 8 kHz, 16 bits, with 44 bytes before their samples.
    private let clips = ["1_jackson_0.wav", "3_theo_0.wav"].map { "\(Examples.folder)/audio/\($0)" }

    init() throws { scratch = try Scratch() }

    private func transcribe(_ inputs: [String], to name: String) throws -> [Record] {
        let out = scratch.path(name)
        let result = try Program.run(
            ["transcribe", "--model", Examples.model, "-o", out, "--quiet"] + inputs)
        #expect(result.status == 0, "\(result.errors)")
        return try Record.read(out)
    }

    private func samples(_ path: String) throws -> [Int16] {
        let data = try Data(contentsOf: URL(filePath: path)).dropFirst(44)
        return stride(from: data.startIndex, to: data.endIndex - 1, by: 2).map { index in
            Int16(bitPattern: UInt16(data[index]) | UInt16(data[index + 1]) << 8)
        }
    }

    /// A WAV file of two channels, the shorter one filled up with silence.
    private func stereo(_ left: [Int16], _ right: [Int16]) -> Data {
        let frames = max(left.count, right.count)
        var bytes = Array("RIFF".utf8)
        func append(_ value: Int, _ count: Int) {
            for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
        }
        append(36 + frames * 4, 4)
        bytes += "WAVEfmt ".utf8
        for (value, count) in [(16, 4), (1, 2), (2, 2), (8_000, 4), (32_000, 4), (4, 2), (16, 2)] {
            append(value, count)
        }
        bytes += "data".utf8
        append(frames * 4, 4)
        for frame in 0..<frames {
            for channel in [left, right] {
                append(Int(frame < channel.count ? channel[frame] : 0), 2)
            }
        }
        return Data(bytes)
    }

    @Test("utterances of a Kaldi folder are heard on their own channels, as their clips are alone")
    func kaldi() throws {
        let (left, right) = (try samples(clips[0]), try samples(clips[1]))
        let call = scratch.path("call.wav")
        try stereo(left, right).write(to: URL(filePath: call))
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: scratch.path(name)))
        }
        try write(
            "wav.scp",
            "call-A sox '\(call)' -t wav - remix 1 |\ncall-B sox '\(call)' -t wav - remix 2 |\n")
        try write(
            "segments",
            "u1 call-A 0 \(Double(left.count) / 8_000)\nu2 call-B 0.0 \(Double(right.count) / 8_000)\n"
        )
        try write("text", "u1 ONE\nu2 THREE\n")
        let alone = try transcribe(clips, to: "alone.jsonl").map(\.predictedText)
        #expect(alone == ["ONE", "THREE"])
        let records = try transcribe([scratch.path("wav.scp")], to: "kaldi.jsonl")
        #expect(records.map(\.predictedText) == alone)
        #expect(records.map(\.text) == ["ONE", "THREE"])
        // The recording that was mixed is another one.
        let verified = try Program.run(["verify", scratch.path("kaldi.jsonl"), "--audio"])
        #expect(verified.status == 0, "\(verified.errors)\(verified.output)")
        let report = try String(
            contentsOfFile: scratch.path("kaldi.jsonl.report.json"), encoding: .utf8)
        #expect(report.contains("\"channels\":\"row\"") || report.contains("\"channels\": \"row\""))
    }

    @Test(
        "members of an archive, named by their bytes in a fairseq list, are transcribed where they lie"
    )
    func archive() throws {
        var bytes = Data("PK".utf8)
        var list = "\(scratch.url.path)\n"
        for clip in clips {
            let member = try Data(contentsOf: URL(filePath: clip))
            list += "audio.zip:\(bytes.count):\(member.count)\t\((member.count - 44) / 2)\n"
            bytes += member + Data("PK and the next head".utf8)
        }
        try bytes.write(to: URL(filePath: scratch.path("audio.zip")))
        try Data(list.utf8).write(to: URL(filePath: scratch.path("test.tsv")))
        let records = try transcribe([scratch.path("test.tsv")], to: "out.jsonl")
        #expect(records.map(\.predictedText) == ["ONE", "THREE"])
    }

    @Test("a command is not run; its row says so, and the report how to make a file of it")
    func command() throws {
        let trace = scratch.path("ran")
        try Data("u1 touch \(trace); cat \(clips[0]) |\nu2 cat \(clips[0]) |\n".utf8)
            .write(to: URL(filePath: scratch.path("wav.scp")))
        let out = scratch.path("out.jsonl")
        let result = try Program.run(
            [
                "transcribe", scratch.path("wav.scp"), "--model", Examples.model, "-o", out,
                "--quiet",
            ])
        #expect(result.status == 3)
        let records = try Record.read(out)
        #expect(records[0].error?.code == "audio.unsupported_location")
        #expect(records[1].predictedText == "ONE")
        #expect(!FileManager.default.fileExists(atPath: trace))
        let report = try String(contentsOfFile: "\(out).report.json", encoding: .utf8)
        #expect(report.contains("FILE.wav"))
    }

    @Test("options that do not fit are refused before any work, with what there is")
    func options() throws {
        let table = scratch.path("a.csv")
        try Data("clip,words\n\(clips[0]),ONE\n".utf8).write(to: URL(filePath: table))
        func run(_ options: String...) throws -> Program.Result {
            try Program.run(
                [
                    "transcribe", table, "--model", Examples.model, "-o", scratch.path("out.jsonl"),
                    "--quiet",
                ] + options)
        }
        let unknown = try run()
        #expect(unknown.status == 64)
        #expect(
            unknown.errors.contains("a.csv:1: ") && unknown.errors.contains("\"clip\", \"words\""))
        #expect(try run("--input-form", "kaldy").errors.contains("kaldi, lhotse"))
        #expect(try run("--column", "sound=clip").status == 64)
        #expect(try run("--column", "audio=clip", "--column", "text=words").status == 0)
        let record = try Record.read(scratch.path("out.jsonl"))[0]
        #expect(record.predictedText == "ONE" && record.text == "ONE")
    }
}
