internal import ClusterProtocol
internal import ClusterRuntime
internal import SpeechTypes
internal import TranscriptRows

/// Progress in words and in a bar: text of numbers, nothing else.
package enum ProgressText {
    /// A bar with its facts: 52 %, audio done and total, RTFx, time left, failures.
    static func bar(_ status: JobStatus, columns: Int) -> String {
        let text = " \(percent(status)) %  \(facts(status))"
        let room = columns - text.count - 3
        guard room >= 10 else { return String(text.dropFirst().prefix(max(1, columns - 1))) }
        let width = min(40, room)
        let filled = Int(fraction(status) * Double(width))
        let bar = String(repeating: "█", count: filled)
        return "▕\(bar)\(String(repeating: "·", count: width - filled))▏\(text)"
    }

    /// What a finished job came to, and where it is.
    static func summary(_ result: JobResult, output: String?) -> String {
        var text = "scriptorium: \(outcome(result))"
        guard result.rows > 0 else { return text + "\n" }
        if let output { text += "\nscriptorium: output \(output)" }
        if let report = result.reportPath { text += ", report \(report)" }
        return text + "\n"
    }

    /// What a finished job came to.
    static func outcome(_ result: JobResult) -> String {
        guard result.rows > 0 else { return "the input has no rows" }
        var text = "\(result.rowsTranscribed) rows transcribed"
        if result.rowsRejected > 0 { text += ", \(result.rowsRejected) rejected" }
        if result.rowsQuarantined > 0 { text += ", \(result.rowsQuarantined) quarantined" }
        text += "; \(time(result.audioMilliseconds)) of audio"
        if result.computedMilliseconds > 0 {
            let rtfx = result.computedMilliseconds * 1_000 / max(1, result.wallMilliseconds)
            text += " in \(time(result.wallMilliseconds)), RTFx \(decimal(rtfx))"
        } else {
            text += ", done before"
        }
        if let coverage = result.coverage { text += "; \(self.coverage(coverage))" }
        return text
    }

    /// How the seconds were spent: `speech 21:04 min, silence 3:10 min, skipped 35:46 min`.
    static func coverage(_ totals: CoverageTotals) -> String {
        totals.parts.map { "\($0.name) \(time(($0.microseconds + 500) / 1_000))" }
            .joined(separator: ", ")
    }

    /// One line for a log.
    static func line(_ status: JobStatus) -> String {
        "\(status.rowsDone)/\(status.rowsTotal) rows, \(percent(status)) %, \(facts(status))"
    }

    private static func facts(_ status: JobStatus) -> String {
        let done = time(status.audioMillisecondsDone)
        var parts = ["\(done)/\(time(status.audioMillisecondsTotal)) audio"]
        if status.speedMilli > 0 { parts.append("RTFx \(decimal(status.speedMilli))") }
        if status.phase == .draining {
            parts.append("draining")
        } else if status.phase == .paused {
            parts.append("paused: \(status.pauses.map(\.rawValue).joined(separator: ", "))")
        } else if let remaining = status.remainingMilliseconds, status.rowsDone < status.rowsTotal {
            parts.append("ETA \(time(remaining))")
        }
        if status.waitsForAudio { parts.append("waiting for audio") }
        let failed = status.rowsRejected + status.rowsQuarantined
        if failed > 0 { parts.append("\(failed) failed") }
        if status.workers == 0, status.rowsDone < status.rowsTotal {
            parts.append("no workers yet")
        }
        return parts.joined(separator: "  ")
    }

    /// How the threads of all workers spend their time: `compute 81 %, decode 12 %, idle 7 %`.
    static func stages(_ load: EngineLoad) -> String? {
        let total = load.totalMilliseconds
        guard total > 0 else { return nil }
        let shares = EngineStage.allCases.map { ($0, (load[$0] * 100 + total / 2) / total) }
        return shares.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
            .map { "\($0 == .waiting ? "waiting for audio" : $0.rawValue) \($1) %" }
            .joined(separator: ", ")
    }

    private static func fraction(_ status: JobStatus) -> Double {
        let total = max(status.audioMillisecondsTotal, 1)
        if status.rowsTotal == status.rowsDone { return 1 }
        return min(1, Double(status.audioMillisecondsDone) / Double(total))
    }

    private static func percent(_ status: JobStatus) -> Int { Int(fraction(status) * 100) }

    /// `m:ss`, or `h:mm:ss` from an hour on.
    package static func time(_ milliseconds: Int) -> String {
        let seconds = max(0, milliseconds) / 1_000
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = seconds / 60
        if minutes < 60 { return "\(minutes):\(two(seconds % 60))" }
        return "\(minutes / 60):\(two(minutes % 60)):\(two(seconds % 60))"
    }

    /// Thousandths with one decimal.
    package static func decimal(_ thousandths: Int) -> String {
        "\(thousandths / 1_000).\(thousandths % 1_000 / 100)"
    }
}

extension JobResult {
    /// Rows that have ended.
    fileprivate var rows: Int { rowsTranscribed + rowsRejected + rowsQuarantined }
}
