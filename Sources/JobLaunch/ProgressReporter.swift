package import ClusterProtocol
internal import ClusterRuntime
internal import Glibc
package import Logging
internal import TranscriptRows

/// Shows a job's progress on standard error: a bar on a terminal, a line now and then elsewhere.
package struct ProgressReporter {
    private let format = ProgramLog.settings.format
    private let isTerminal: Bool
    private let isQuiet: Bool
    private var lastLineMilliseconds = 0
    private var hasBar = false

    /// Plain lines are written this often, and at the end.
    private static let linePeriodMilliseconds = 10_000

    package init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isTerminal = StandardError.isTerminal && ProgramLog.settings.format == .text
    }

    /// Shows `status`; called a few times a second.
    package mutating func show(_ status: JobStatus) {
        guard !isQuiet else { return }
        if isTerminal {
            let line = ProgressText.bar(status, columns: StandardError.columns)
            StandardError.write("\r\u{1B}[2K\(line)")
            hasBar = true
        } else if status.elapsedMilliseconds - lastLineMilliseconds >= Self.linePeriodMilliseconds {
            lastLineMilliseconds = status.elapsedMilliseconds
            tell(.info, ProgressText.line(status), Self.fields(of: status))
        }
    }

    /// Tells something beside the bar.
    package mutating func tell(
        _ level: Logger.Level, _ message: String, _ fields: Logger.Metadata = [:]
    ) {
        guard level >= ProgramLog.settings.level else { return }
        write(LogLine(at: ProgramLog.now(), level, message, fields).rendered(as: format))
    }

    /// Writes a line, with its end, beside the bar.
    mutating func write(_ line: String) {
        guard !isQuiet else { return }
        close()
        StandardError.write(line)
    }

    /// Says how the job ended.
    func summarize(_ result: JobResult, output: String?) {
        if !result.message.isEmpty {
            return ProgramLog.tellAtOnce(.warning, result.message)
        }
        guard !isQuiet, ProgramLog.settings.level <= .notice else { return }
        switch format {
        case .text: StandardError.write(ProgressText.summary(result, output: output))
        case .json:
            var fields: Logger.Metadata = [
                "rows_transcribed": "\(result.rowsTranscribed)",
                "rows_rejected": "\(result.rowsRejected)",
                "rows_quarantined": "\(result.rowsQuarantined)",
                "wall_milliseconds": "\(result.wallMilliseconds)",
            ]
            for (name, microseconds) in result.coverage?.parts ?? [] {
                fields["\(name)_milliseconds"] = "\((microseconds + 500) / 1_000)"
            }
            if let output { fields["output"] = "\(output)" }
            if let report = result.reportPath { fields["report"] = "\(report)" }
            ProgramLog.logger(fields).notice("\(ProgressText.outcome(result))")
        }
    }

    /// Ends the bar's line, so that what follows begins on its own.
    package mutating func close() {
        if hasBar { StandardError.write("\r\u{1B}[2K") }
        hasBar = false
    }

    private static func fields(of status: JobStatus) -> Logger.Metadata {
        [
            "rows": "\(status.rowsTotal)", "rows_done": "\(status.rowsDone)",
            "workers": "\(status.workers)",
        ]
    }
}
