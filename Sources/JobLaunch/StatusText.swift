package import ClusterProtocol
internal import JobDashboard

/// A status in words, and as JSON.
package enum StatusText {
    package static func lines(_ status: JobStatus) -> String {
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
        if let stages = ProgressText.stages(status.recentLoad) {
            lines.append("time        \(stages)")
        }
        for failure in status.failures {
            lines.append("failed      \(failure.rows) \(failure.code)")
        }
        if !status.slots.isEmpty {
            let more = status.workers > status.slots.count ? " …" : ""
            lines.append("slots       \(status.slots.joined(separator: " "))\(more)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func phase(of status: JobStatus) -> String {
        let reasons = status.pauses.map(\.rawValue).joined(separator: ", ")
        return status.phase == .paused ? "paused (\(reasons))" : status.phase.rawValue
    }

    package static func json(_ status: JobStatus) -> String {
        let bytes = JobStatusJSON.object(status)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}
