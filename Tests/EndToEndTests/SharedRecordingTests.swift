import Foundation
import Glibc
import TestProcesses
import Testing

@Suite("A long recording and several workers")
struct SharedRecordingTests {
    /// Half an hour of spoken digits at 8 kHz, so that it is resampled: a minute over and over.
    private static func write(to path: String, minutes: Int) throws {
        var round = Data()
        for clip in try SpokenDigits.clips() { round += clip.samples + Data(count: 2 * 1_203) }
        var minute = Data()
        while minute.count < 60 * SpokenDigits.bytesASecond { minute += round }
        minute = minute.prefix(60 * SpokenDigits.bytesASecond)
        // Windows of 30 s must not all hear the same.
        let lengths = (0..<minutes).map { minute.count - 2 * (997 * $0 % 40_000) }
        let header = SpokenDigits.header(sampleBytes: lengths.reduce(0, +))
        try header.write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        for length in lengths { try file.write(contentsOf: minute.prefix(length)) }
        try file.close()
    }

    private static func arguments(
        _ rows: String, _ out: String, chunk: String, workers: Int
    ) -> [String] {
        [
            "transcribe", rows, "--model", Examples.model, "-o", out, "--quiet", "--workers",
            "\(workers)", "--threads", "1", "--timestamps", "char", "--calm", "1", "--chunk", chunk,
        ]
    }

    @Test(
        "its record is the same to the byte whether one worker computes it or two do, of which one is killed",
        arguments: ["grid", "speech"])
    func killedWorker(chunk: String) throws {
        let scratch = try Scratch()
        let long = scratch.path("long.wav")
        try Self.write(to: long, minutes: 40)
        let rows = scratch.path("rows.jsonl")
        try Data(
            """
            {"audio_filepath":"\(Examples.folder)/audio/0_george_0.wav"}
            {"audio_filepath":"\(long)"}

            """.utf8
        ).write(to: URL(fileURLWithPath: rows))
        let alone = scratch.path("alone.jsonl")
        let run = try Program.run(Self.arguments(rows, alone, chunk: chunk, workers: 1))
        #expect(run.status == 0, "\(run.errors)")

        let shared = scratch.path("shared.jsonl")
        let running = try Program.Running(Self.arguments(rows, shared, chunk: chunk, workers: 2))
        try running.holdUntil(workers: 2, ofOutput: shared)
        var isShared = false
        for _ in 0..<600 where !isShared && running.process.isRunning {
            let status = try Program.run(["status", shared, "--json"]).output
            // The short row may be done.
            isShared =
                status.contains("\"workers_computing\":2") && !status.contains("\"transcribed\":2")
                && !status.contains("\"audio_seconds_done\":0")
            if !isShared { usleep(20_000) }
        }
        #expect(isShared, "two workers never computed the one row")
        if let victim = childProcesses(of: running.process.identifier).last {
            #expect(kill(victim, SIGKILL) == 0)
        }
        let result = running.wait()
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: shared))
                == Data(contentsOf: URL(fileURLWithPath: alone)))
        let records = try Record.read(shared)
        #expect(records.count == 2 && records[1].predictedText.count > 5_000)
    }

    @Test(
        "with a calibration, which goes by all of a row, no row is shared, and its record is the same whatever the workers"
    )
    func calibrated() throws {
        let scratch = try Scratch()
        let dev = scratch.path("dev.jsonl"), calibration = scratch.path("digits.calibration")
        let known = scratch.path("known.jsonl")
        let examples = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .replacingOccurrences(of: "\"audio/", with: "\"\(Examples.folder)/audio/")
        try Data((examples + examples).utf8).write(to: URL(fileURLWithPath: known))
        let labelled = try Program.run([
            "transcribe", known, "--model", Examples.model, "-o", dev, "--quiet",
            "--features",
        ])
        #expect(labelled.status == 0, "\(labelled.errors)")
        let made = try Program.run(["calibrate", dev, "-o", calibration])
        #expect(made.status == 0, "\(made.errors)")

        // As long as rows are that are shared otherwise.
        let long = scratch.path("long.wav")
        try Self.write(to: long, minutes: 32)
        let rows = scratch.path("rows.jsonl")
        try Data("{\"audio_filepath\":\"\(long)\"}\n".utf8)
            .write(to: URL(fileURLWithPath: rows))
        let alone = scratch.path("alone.jsonl"), two = scratch.path("two.jsonl")
        for (out, workers) in [(alone, 1), (two, 2)] {
            let run = try Program.run(
                Self.arguments(rows, out, chunk: "grid", workers: workers)
                    + ["--calibration", calibration])
            #expect(run.status == 0, "\(run.errors)")
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: alone))
        #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: two)))
        let record = try #require(
            JSONSerialization.jsonObject(with: bytes) as? [String: Any])
        #expect(record["expected_wer"] is Double && record["calibrated_confidence"] is Double)
    }
}
