internal import ArgumentParser
internal import ClusterProtocol
internal import ClusterRuntime
internal import Glibc

/// How a job is going, asked of its coordinator.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how a job is going.",
        discussion: """
            Asks the coordinator, which answers from memory while it lives. Name it by the endpoint \
            that it listens on, or by the output that it writes.

            Examples:
              scriptorium status transcripts.jsonl
              scriptorium status --connect tcp://127.0.0.1:7100
            """)

    @Argument(help: "The output of a job on this machine.", completion: .file())
    var output: String?

    @Option(help: ArgumentHelp("Where the coordinator listens.", valueName: "endpoint"))
    var connect: String?

    @Flag(help: "One JSON object instead of lines for people.")
    var json = false

    func validate() throws {
        if (output == nil) == (connect == nil) {
            throw ValidationError("give either an output file or --connect ENDPOINT")
        }
    }

    func run() throws {
        try reporting {
            let endpoint = try connect ?? endpoint(of: output ?? "")
            guard let status = try StatusClient.status(of: endpoint) else {
                throw CommandFailure(
                    ExitStatus.tryAgain,
                    "no coordinator answers at \(endpoint); it may have finished or been stopped")
            }
            StandardOutput.write(json ? StatusText.json(status) : StatusText.lines(status))
            return 0
        }
    }

    /// Where the coordinator that writes `output` listens, if it runs on this machine.
    private func endpoint(of output: String) throws -> String {
        guard let resolved = realpath("\(output).job", nil) else {
            throw CommandFailure(
                ExitStatus.usage, "there is no job that writes \(output): \(output).job is missing")
        }
        defer { free(resolved) }
        return try RuntimeFolder.endpoint(ofJobFolder: String(cString: resolved))
    }
}

/// A status in words, and as JSON.
enum StatusText {
    static func lines(_ status: JobStatus) -> String {
        var lines = [
            "phase       \(phase(of: status))",
            "rows        \(status.rowsDone) of \(status.rowsTotal): \(status.rowsTranscribed) "
                + "transcribed, \(status.rowsRejected) rejected, \(status.rowsQuarantined) quarantined",
            "in work     \(status.rowsLeased) leased, \(status.rowsWaiting) waiting",
            "audio       \(ProgressText.time(status.audioMillisecondsDone)) of "
                + ProgressText.time(status.audioMillisecondsTotal),
            "workers     \(status.workers), of which \(status.workersComputing) computing; "
                + "\(status.workersLost) lost so far",
        ]
        if status.speedMilli > 0 {
            lines.append("speed       RTFx \(ProgressText.decimal(status.speedMilli))")
        }
        if let remaining = status.remainingMilliseconds, status.rowsDone < status.rowsTotal {
            lines.append("remaining   \(ProgressText.time(remaining))")
        }
        for failure in status.failures {
            lines.append("failed      \(failure.rows) \(failure.code)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func phase(of status: JobStatus) -> String {
        let reasons = status.pauses.map(\.rawValue).joined(separator: ", ")
        return status.phase == .paused ? "paused (\(reasons))" : status.phase.rawValue
    }

    static func json(_ status: JobStatus) -> String {
        let bytes = JobStatusJSON.object(status)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}
