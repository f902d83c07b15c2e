package import ClusterProtocol
internal import ClusterRuntime

/// A job's status for a whole terminal, redrawn as it changes.
package struct StatusScreen {
    private let name: String
    private var history = SpeedHistory()

    private static let steps = Array("▁▂▃▄▅▆▇█")
    private static let labelColumns = 9

    /// - Parameter name: what the job is called.
    package init(name: String) { self.name = name }

    /// What makes room for a screen of its own, and what gives the terminal back.
    package static let begin = "\u{1B}[?1049h\u{1B}[?25l"
    package static let end = "\u{1B}[?25h\u{1B}[?1049l"

    /// The screen as a terminal takes it: from its first place, each line to its end, and nothing below.
    package mutating func drawing(_ status: JobStatus, columns: Int, rows: Int) -> String {
        "\u{1B}[H"
            + lines(status, columns: columns, rows: rows).map { "\($0)\u{1B}[K" }
            .joined(separator: "\r\n") + "\u{1B}[J"
    }

    /// The lines of a terminal of so many columns and rows; none is wider, and there are not more.
    package mutating func lines(_ status: JobStatus, columns: Int, rows: Int) -> [String] {
        history.add(status)
        let left = history.remainingMilliseconds(of: status)
        var lines = [
            Self.between(name, Self.phase(status), columns), "",
            ProgressText.bar(status, columns: columns), "",
            Self.line(
                "rows",
                "\(status.rowsDone) of \(status.rowsTotal): \(status.rowsTranscribed) transcribed, "
                    + "\(status.rowsRejected) rejected, \(status.rowsQuarantined) quarantined"),
            Self.line("", "\(status.rowsLeased) in work, \(status.rowsWaiting) waiting"),
            Self.line(
                "workers",
                "\(status.workers), of which \(status.workersComputing) computing; \(status.workersLost) lost so far"
            ),
        ]
        if let left {
            lines.append(
                Self.line(
                    "left",
                    "\(ProgressText.time(left.lowerBound)) to \(ProgressText.time(left.upperBound)), by the speed so far"
                ))
        }
        if let stages = ProgressText.stages(status.recentLoad) {
            lines.append(Self.line("time", stages))
        }
        lines.append(Self.line("speed", sparkline(columns: columns - Self.labelColumns)))
        for failure in status.failures.sorted(by: { $0.rows > $1.rows }) {
            lines.append(Self.line("failed", "\(failure.rows) \(failure.code)"))
        }
        let footer = "Ctrl-C ends this view, not the job"
        let slots = status.slots.joined(separator: "  ")
        let room = max(0, rows - 2 - lines.count)
        if !slots.isEmpty, room > 0 {
            let width = max(1, columns - Self.labelColumns)
            let wrapped = Self.wrapped(status.slots, width: width, lines: room)
            for (index, line) in wrapped.enumerated() {
                lines.append(Self.line(index == 0 ? "slots" : "", line))
            }
        }
        lines = Array(lines.prefix(max(1, rows - 1)))
        if rows > lines.count + 1 { lines.append("") }
        if rows > lines.count { lines.append(footer) }
        return lines.map { String($0.prefix(max(1, columns))) }
    }

    /// How fast it was, the newest at the right.
    private func sparkline(columns: Int) -> String {
        let speeds = history.points.map(\.speedMilli)
        guard let most = speeds.max(), most > 0, columns > 20 else { return "not known yet" }
        let width = min(60, columns - 14)
        let shown = speeds.suffix(width)
        let curve = shown.map { speed in
            Self.steps[min(Self.steps.count - 1, speed * Self.steps.count / (most + 1))]
        }
        return "\(String(curve)) RTFx \(ProgressText.decimal(shown.last ?? 0))"
    }

    private static func phase(_ status: JobStatus) -> String {
        let reasons = status.pauses.map(\.rawValue).joined(separator: ", ")
        return status.phase == .paused ? "paused (\(reasons))" : status.phase.rawValue
    }

    private static func line(_ label: String, _ text: String) -> String {
        label + String(repeating: " ", count: max(1, labelColumns - label.count)) + text
    }

    private static func between(_ left: String, _ right: String, _ columns: Int) -> String {
        let room = columns - right.count - 1
        guard room > 4 else { return right }
        let name = left.count > room ? "…" + left.suffix(room - 1) : left
        return name + String(repeating: " ", count: columns - name.count - right.count) + right
    }

    /// Words in lines of at most `width`; the last says how many are left out.
    private static func wrapped(_ words: [String], width: Int, lines: Int) -> [String] {
        var result: [String] = []
        var line = ""
        for (index, word) in words.enumerated() {
            let longer = line.isEmpty ? word : "\(line)  \(word)"
            if longer.count <= width {
                line = longer
            } else if result.count + 1 < lines {
                result.append(line)
                line = word
            } else {
                let more = "… \(words.count - index) more"
                result.append(String(line.prefix(max(0, width - more.count - 1))) + " " + more)
                return result
            }
        }
        return result + [line]
    }
}
