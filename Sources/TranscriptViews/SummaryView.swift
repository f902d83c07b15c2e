internal import SpeechTypes
internal import SubtitleCues
package import TranscriptRows

/// A line for each row of an output: what became of it, how long it is, how sure, and how it begins.
package struct SummaryView: Sendable {
    private let width: Int
    private let marks: ConfidenceMarks
    private let nameWidth: Int

    private static let rowWidth = 8
    private static let statusWidth = 12
    private static let lengthWidth = 10
    private static let confidenceWidth = 8

    /// - Parameter width: columns of the terminal.
    package init(width: Int, marks: ConfidenceMarks) {
        self.width = max(40, width)
        self.marks = marks
        nameWidth = min(30, max(10, self.width / 4))
    }

    /// The names of the columns.
    package var header: String {
        let names =
            right("row", Self.rowWidth) + "  " + ColumnText.fitted("status", Self.statusWidth)
            + right("length", Self.lengthWidth) + right("conf", Self.confidenceWidth) + "  "
            + ColumnText.fitted("recording", nameWidth) + "  text"
        return marks.emphasized(ColumnText.shortened(names, width))
    }

    /// The line of one row.
    ///
    /// - Parameter ordinal: the row's number in the input, from 0.
    package func line(_ record: RecordDetails, ordinal: Int) -> String {
        let status = record.status ?? "transcribed"
        let length = record.duration.map(ViewNumbers.clock) ?? "-"
        let level = marks.level(of: record.confidence)
        let confidence = record.confidence.map(ViewNumbers.share) ?? "-"
        let indent = Self.confidenceWidth - confidence.count - marks.columns(level)
        var line = right("\(ordinal)", Self.rowWidth) + "  "
        let shownStatus = ColumnText.shortened(TerminalText.line(status), Self.statusWidth)
        line +=
            status == "transcribed"
            ? shownStatus : marks.marked(shownStatus, marks.style == .colour ? .poor : .sure)
        line += ColumnText.fitted("", Self.statusWidth - CharacterColumns.count(shownStatus))
        line += right(length, Self.lengthWidth)
        line += String(repeating: " ", count: max(1, indent)) + marks.marked(confidence, level)
        line += "  " + ColumnText.fitted(name(of: record), nameWidth) + "  "
        let used =
            Self.rowWidth + Self.statusWidth + Self.lengthWidth + Self.confidenceWidth + nameWidth
            + 6
        let text = ColumnText.shortened(firstWords(of: record), max(0, width - used))
        return line + (record.failure == nil ? text : marks.dimmed(text))
    }

    /// The line of a row that cannot be read.
    package func line(unreadable what: String, ordinal: Int) -> String {
        let text = right("\(ordinal)", Self.rowWidth) + "  " + TerminalText.line(what)
        return marks.marked(
            ColumnText.shortened(text, width), marks.style == .colour ? .poor : .sure)
    }

    /// What the columns mean, for below the list.
    package var legend: String { marks.dimmed("conf: ") + marks.legend }

    private func name(of record: RecordDetails) -> String {
        let path = record.audio.map { String(decoding: $0.name, as: UTF8.self) }
        var name = TerminalText.line(path ?? "-")
        if record.start > .zero { name += " @\(ViewNumbers.clock(record.start))" }
        return name
    }

    private func firstWords(of record: RecordDetails) -> String {
        if let failure = record.failure {
            return TerminalText.line("\(failure.code): \(failure.message)")
        }
        // No line has more columns than this; the text of a day need not be looked at whole.
        let text = TerminalText.line(String((record.text ?? "").unicodeScalars.prefix(2_000)))
        return FlatText.flat(text)
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
