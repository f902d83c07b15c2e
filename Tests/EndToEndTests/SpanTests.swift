import Foundation
import TestProcesses
import Testing

@Suite("Spans of a long recording, end to end")
struct SpanTests {
    @Test(
        "one worker or two, in the order of time or in none: the same records, which verify",
        arguments: ["m4a", "mp3"])
    func sameRecords(type: String) throws {
        let scratch = try Scratch()
        let recording = scratch.path("long.\(type)")
        let speech = Program.root.appendingPathComponent("Tests/Fixtures/audio/formats/s16.au").path
        let made = try StartedProcess.run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-stream_loop", "-1", "-i", speech, "-t", "60",
                recording,
            ])
        #expect(made.status == 0)

        let rows = (0..<20).map { index in
            "{\"audio_filepath\":\"\(recording)\",\"offset\":\(Double(index) * 2.75 + 0.5),"
                + "\"duration\":\(1 + Double(index % 5) * 0.7)}"
        }
        let shuffled = (0..<rows.count).map { $0 * 7 % rows.count }
        func records(_ name: String, _ order: [Int], workers: Int) throws -> [Int: String] {
            let manifest = scratch.path("\(name).jsonl")
            let text = order.map { rows[$0] + "\n" }.joined()
            try Data(text.utf8).write(to: URL(fileURLWithPath: manifest))
            let out = scratch.path("\(name).out.jsonl")
            let result = try Program.run([
                "transcribe", manifest, "--model", Examples.model, "-o", out,
                "--workers", "\(workers)", "--threads", "1",
            ])
            #expect(result.status == 0, "\(result.errors)")
            let verified = try Program.run(["verify", out, "--sample", "0", "--audio"])
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == order.count)
            return Dictionary(uniqueKeysWithValues: zip(order, lines.map(String.init)))
        }
        let inTime = try records("sorted", Array(rows.indices), workers: 1)
        #expect(try records("shuffled", shuffled, workers: 1) == inTime)
        #expect(try records("two", shuffled, workers: 2) == inTime)
    }
}
