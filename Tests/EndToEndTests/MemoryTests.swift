import Foundation
import TestProcesses
import Testing

@Suite("scriptorium transcribe --memory")
struct MemoryTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func transcribe(
        _ input: String, _ out: String, memory: Int?, _ options: [String] = []
    ) -> [String] {
        ["transcribe", input, "--model", Examples.model, "-o", out, "--quiet", "--threads", "2"]
            + (memory.map { ["--memory", "\($0)"] } ?? []) + options
    }

    /// Runs to the end.
    ///
    /// - Returns: the result, and the most that a child had resident, in MiB.
    private func run(_ arguments: [String]) throws -> (result: Program.Result, peak: Int) {
        let running = try Program.Running(arguments)
        let folder = "/proc/\(running.process.identifier)/task"
        func text(_ path: String) -> String {
            (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        }
        var peak = 0
        while running.process.isRunning {
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for child in tasks.flatMap({
                text("\(folder)/\($0)/children").split(separator: " ")
            }) {
                let line = text("/proc/\(child)/status").split(separator: "\n")
                    .first { $0.hasPrefix("VmHWM:") }
                let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
                peak = max(peak, (kibibytes.flatMap { Int($0) } ?? 0) >> 10)
            }
            usleep(2_000)
        }
        return (running.wait(), peak)
    }

    @Test(
        "a limit that is too small is refused with the smallest that will do, and that one holds"
    )
    func limit() throws {
        let refused = try Program.run(
            transcribe(Examples.manifest, scratch.path("none.jsonl"), memory: 8))
        #expect(refused.status == 64, "\(refused.errors)")
        #expect(refused.errors.contains("--memory 8 is too little"), "\(refused.errors)")
        #expect(
            !FileManager.default.fileExists(atPath: scratch.path("none.jsonl.job")),
            "nothing was begun")
        let words = refused.errors.split(whereSeparator: \.isWhitespace)
        let place = try #require(words.firstIndex(of: "it"))
        let least = try #require(Int(words[place + 1]))

        let small = scratch.path("small.jsonl")
        let (result, peak) = try run(transcribe(Examples.manifest, small, memory: least))
        #expect(result.status == 0, "\(result.errors)")
        #expect(peak > 0 && peak <= least, "\(peak) MiB of \(least)")

        let large = scratch.path("large.jsonl")
        #expect(
            try Program.run(transcribe(Examples.manifest, large, memory: nil)).status == 0)
        for suffix in ["", ".digests.jsonl"] {
            #expect(
                FileManager.default.contentsEqual(atPath: small + suffix, andPath: large + suffix))
        }
        // Two workers share what is said.
        let shared = try Program.run(
            transcribe(
                Examples.manifest, scratch.path("two.jsonl"), memory: 2 * least - 16,
                ["--workers", "2"]))
        #expect(shared.status == 64)
        #expect(shared.errors.contains("(2 workers, "), "\(shared.errors)")
    }

    @Test("a recording in one pass that does not fit is quarantined for memory, and others go on")
    func onePass() throws {
        let rows = scratch.path("rows.jsonl")
        let audio = "\(Examples.folder)/audio"
        // Half an hour: the longest example, many times over.
        let long = scratch.path("long.wav")
        let made = try StartedProcess.run(
            "ffmpeg",
            [
                "-v", "error", "-stream_loop", "26", "-i", "\(audio)/long_string_16k.flac", "-ar",
                "16000", "-ac", "1", long,
            ])
        #expect(made.status == 0)
        let lines = [long, "\(audio)/2_theo_1.wav"].map { "{\"audio_filepath\":\"\($0)\"}\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: rows))
        let out = scratch.path("out.jsonl")
        let (result, peak) = try run(
            transcribe(rows, out, memory: 160, ["--chunk", "off"]))
        #expect(result.status == 3, "\(result.errors)")
        #expect(peak <= 160, "\(peak) MiB")
        let records = try Record.read(out)
        #expect(records.map { $0.error?.code } == ["quarantined.memory", nil])
        let report = try String(contentsOfFile: out + ".report.json", encoding: .utf8)
        #expect(report.contains("give it more --memory"))
    }
}
