import Foundation
import TestProcesses
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

    @Test("a command is run where job and worker allow it, once for the rows of its recording")
    func allowedCommand() throws {
        let half = Double(try samples(clips[0]).count) / 16_000
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(filePath: scratch.path(name)))
        }
        try write(
            "wav.scp",
            "a echo a >> '\(scratch.path("ran"))'; cat '\(clips[0])' |\nb echo 'no tape' >&2; exit 5 |\n"
        )
        try write("segments", "u1 a 0 \(half * 2)\nu2 b 0 1\nu3 a 0 \(half * 2)\n")
        let out = scratch.path("out.jsonl")
        func transcribe(_ options: [String]) throws -> Program.Result {
            try Program.run(
                [
                    "transcribe", scratch.path("wav.scp"), "--model", Examples.model, "-o", out,
                    "--quiet",
                ] + options)
        }
        #expect(try transcribe(["--allow-commands"]).status == 3)
        let records = try Record.read(out)
        #expect(records.map(\.predictedText) == ["ONE", "", "ONE"])
        #expect(records[1].error?.code == "audio.command_failed")
        #expect(try String(contentsOfFile: scratch.path("ran"), encoding: .utf8) == "a\n")
        let report = try String(contentsOfFile: "\(out).report.json", encoding: .utf8)
        #expect(report.contains("it ended with status 5: no tape"))
        #expect(report.contains("\"allow_commands\""))
        // Whether commands run is part of what the job is.
        let other = try transcribe([])
        #expect(other.status == 65 && other.errors.contains("--allow-commands"), "\(other.errors)")

        let plain = try Program.run(["verify", out, "--audio"])
        #expect(plain.status == 0, "\(plain.output)\(plain.errors)")
        #expect(plain.output.contains("--allow-commands"))
        #expect(try Program.run(["verify", out, "--sample", "all"]).status == 64)
        let whole = try Program.run(
            ["verify", out, "--sample", "all", "--audio", "--allow-commands"])
        #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
    }

    @Test("a worker that was not started for commands refuses a job that has them run")
    func refusedCommand() throws {
        let trace = scratch.path("ran")
        try Data("u1 touch \(trace); cat \(clips[0]) |\n".utf8)
            .write(to: URL(filePath: scratch.path("wav.scp")))
        let out = scratch.path("out.jsonl")
        let endpoint = "ipc://\(scratch.path("s"))"
        let coordinator = try Program.Running([
            "coordinate", scratch.path("wav.scp"), "--model", Examples.model, "-o", out,
            "--listen", endpoint, "--allow-commands", "--quiet",
        ])
        let work = ["work", "--connect", endpoint, "--model", Examples.model, "--threads", "1"]
        let refused = try Program.run(work)
        #expect(refused.status == 65, "\(refused.errors)")
        #expect(refused.errors.contains("--allow-commands"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: trace))
        #expect(try Program.run(work + ["--allow-commands"]).status == 0)
        #expect(coordinator.wait().status == 0)
        #expect(try Record.read(out).map(\.predictedText) == ["ONE"])
        #expect(FileManager.default.fileExists(atPath: trace))
        #expect(try Program.run(work + ["--allow-commands", "--audio-root", "/"]).status == 64)
    }

    @Test(
        "a command ends with the job that is interrupted or killed", arguments: [SIGINT, SIGKILL])
    func endOfCommand(signal: Int32) throws {
        let trace = scratch.path("pid")
        try Data("u1 echo $$ > \(trace); sleep 1000; cat \(clips[0]) |\n".utf8)
            .write(to: URL(filePath: scratch.path("wav.scp")))
        let running = try Program.Running([
            "transcribe", scratch.path("wav.scp"), "--model", Examples.model, "-o",
            scratch.path("out.jsonl"), "--quiet", "--allow-commands",
        ])
        func number() -> pid_t? {
            (try? String(contentsOfFile: trace, encoding: .utf8))
                .flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        for _ in 0..<3_000 where number() == nil { usleep(10_000) }
        let command = try #require(number())
        #expect(kill(command, 0) == 0)
        kill(running.process.identifier, signal)
        _ = running.wait()
        for _ in 0..<6_000 where kill(command, 0) == 0 { usleep(10_000) }
        #expect(kill(command, 0) != 0, "the command outlived its job")
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
