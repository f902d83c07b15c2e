import Foundation
import Glibc
import TestProcesses
import Testing

@Suite("A long recording and several workers")
struct SharedRecordingTests {
    /// Half an hour of spoken digits at 8 kHz, so that it is resampled: a minute over and over.
    private static func write(to path: String, minutes: Int) throws {
        let clips = try FileManager.default.contentsOfDirectory(
            atPath: Examples.folder + "/audio"
        ).filter { $0.hasSuffix(".wav") && $0.first?.isNumber == true }.sorted()
        var round = Data()
        for clip in clips {
            let url = URL(fileURLWithPath: "\(Examples.folder)/audio/\(clip)")
            round += try Data(contentsOf: url).dropFirst(44)
            round += Data(count: 2 * 1_203)
        }
        var minute = Data()
        while minute.count < 60 * 16_000 { minute += round }
        minute = minute.prefix(60 * 16_000)
        // Windows of 30 s must not all hear the same.
        let lengths = (0..<minutes).map { minute.count - 2 * (997 * $0 % 40_000) }
        let size = lengths.reduce(0, +)
        func little(_ value: Int, _ bytes: Int) -> Data {
            Data((0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
        }
        var header = Data("RIFF".utf8) + little(36 + size, 4) + Data("WAVEfmt ".utf8)
        header += little(16, 4) + little(1, 2) + little(1, 2) + little(8_000, 4)
        header += little(16_000, 4) + little(2, 2) + little(16, 2) + Data("data".utf8)
        header += little(size, 4)
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
}
