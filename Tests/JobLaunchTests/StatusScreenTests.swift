import ClusterProtocol
import Foundation
import JobLaunch
import SpeechTypes
import Testing

@Suite("A job's status on a whole terminal")
struct StatusScreenTests {
    private func status() -> JobStatus {
        var status = JobStatus()
        status.phase = .paused
        status.pauses = [.noSpace]
        status.rowsTotal = 1_000
        status.rowsTranscribed = 400
        status.rowsRejected = 20
        status.audioMillisecondsTotal = 1_000_000
        status.audioMillisecondsDone = 420_000
        status.workers = 300
        status.speedMilli = 12_300
        status.slots = (0..<300).map { "node\($0)/0" }
        status.failures = [
            .init(code: "audio.not_found", rows: 5), .init(code: "audio.damaged", rows: 15),
        ]
        return status
    }

    @Test(
        "whatever the terminal's size, nothing is wider or longer than it",
        arguments: [(80, 24), (20, 5), (200, 60), (1, 1), (40, 3)])
    func fits(columns: Int, rows: Int) {
        var screen = StatusScreen(name: String(repeating: "archive/", count: 40) + "out.jsonl")
        let lines = screen.lines(status(), columns: columns, rows: rows)
        #expect(lines.count <= rows)
        #expect(lines.allSatisfy { $0.count <= columns })
    }

    @Test("80 columns and 24 rows have phase, rows, failures with the most first, speed and slots")
    func contents() {
        var screen = StatusScreen(name: "out.jsonl")
        let lines = screen.lines(status(), columns: 80, rows: 24)
        let text = lines.joined(separator: "\n")
        #expect(lines[0].hasPrefix("out.jsonl ") && lines[0].hasSuffix("paused (no_space)"))
        for part in ["420 of 1000", "300, of which 0 computing", "RTFx 12.3", "node0/0", "more"] {
            #expect(text.contains(part), "\(part)")
        }
        let damaged = text.range(of: "15 audio.damaged")
        let missing = text.range(of: "5 audio.not_found")
        #expect(damaged != nil && missing != nil)
        if let damaged, let missing { #expect(damaged.lowerBound < missing.lowerBound) }
    }

    @Test("it says how threads spend their time, and when audio is what is waited for")
    func stages() {
        var status = status()
        status.recentLoad = EngineLoad(
            milliseconds: [6_000, 1_000, 1_000, 0, 2_000, 0], batches: 1, batchedMilliseconds: 1)
        var screen = StatusScreen(name: "out.jsonl")
        let text = screen.lines(status, columns: 100, rows: 24).joined(separator: "\n")
        #expect(text.contains("fetch 60 %, waiting for audio 20 %, "))
        #expect(text.contains("  waiting for audio"))
        status.rowsTranscribed = 980
        #expect(!status.waitsForAudio)
        #expect(StatusText.lines(status).contains("time        fetch 60 %, "))
    }

    @Test("a drawing begins at the first place and leaves nothing of a longer one")
    func drawing() {
        var screen = StatusScreen(name: "out.jsonl")
        let text = screen.drawing(status(), columns: 80, rows: 24)
        #expect(text.hasPrefix("\u{1B}[H") && text.hasSuffix("\u{1B}[J"))
        #expect(
            text.split(separator: "\r\n", omittingEmptySubsequences: false).allSatisfy {
                $0.contains("\u{1B}[K")
            })
    }
}
