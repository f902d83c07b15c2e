internal import SpeechTypes
package import TranscriptRows

/// One row in full: what it is of, and its text, broken at pauses, with times and marks.
package struct RecordView: Sendable {
    private let width: Int
    private let marks: ConfidenceMarks
    /// A silence this long begins a new line with its time.
    private let pause: MediaTime

    /// Behind this, the next small silence begins a new line too; behind ``paragraphMax`` any word does.
    private static let paragraphUsual = MediaTime(milliseconds: 20_000)
    private static let paragraphMax = MediaTime(milliseconds: 40_000)
    private static let smallPause = MediaTime(milliseconds: 200)

    package init(width: Int, marks: ConfidenceMarks, pause: MediaTime) {
        self.width = max(30, width)
        self.marks = marks
        self.pause = pause
    }

    /// All lines of one row.
    ///
    /// - Parameters:
    ///   - segments: what was said, of each channel that is to be shown; empty without a transcript.
    ///   - ordinal: the row's number in the input, from 0.
    package func lines(
        _ record: RecordDetails, _ segments: [TranscriptSegment], ordinal: Int
    ) -> [String] {
        var lines = head(record, ordinal)
        lines.append("")
        if let failure = record.failure {
            lines += failed(failure, record)
        } else if segments.allSatisfy({ FlatText.isBlank($0.text) }) {
            lines.append("(nothing was recognised)")
        } else {
            lines += text(segments)
            lines.append("")
            lines += foot(segments)
        }
        return lines
    }

    // MARK: Head and foot

    private func head(_ record: RecordDetails, _ ordinal: Int) -> [String] {
        let name = record.audio.map { TerminalText.line($0.text) } ?? "a line that is no row"
        var facts = [TerminalText.line(record.status ?? "no status")]
        if let duration = record.duration { facts.append("length \(ViewNumbers.clock(duration))") }
        if record.start > .zero { facts.append("from \(ViewNumbers.clock(record.start))") }
        if let confidence = record.confidence {
            let level = marks.level(of: confidence)
            facts.append("confidence \(marks.marked(ViewNumbers.share(confidence), level))")
        }
        if record.channelCount > 0 { facts.append("\(record.channelCount) channels") }
        for (title, value) in [
            ("id", record.id), ("speaker", record.speaker), ("warning", record.warning),
        ] {
            if let value { facts.append("\(title) \(TerminalText.line(value))") }
        }
        return [marks.emphasized("row \(ordinal)  \(name)"), facts.joined(separator: ", ")]
    }

    private func failed(_ failure: RecordDetails.Failure, _ record: RecordDetails) -> [String] {
        var lines = wrapped(
            "\(TerminalText.line(failure.code)): \(TerminalText.line(failure.message))", .poor)
        if let raw = record.rawLine {
            lines += wrapped("the line: \(TerminalText.line(raw))", .sure)
        }
        return lines + wrapped("what to do: \(FailureAdvice.text(failure.code))", .sure)
    }

    private func foot(_ segments: [TranscriptSegment]) -> [String] {
        let hasTimes = segments.contains { $0.words != nil }
        guard hasTimes else {
            return wrapped(
                "no word times and confidence in this output; transcribe with --timestamps word",
                .sure
            ).map(marks.dimmed)
        }
        let words = segments.flatMap { $0.words ?? [] }
        guard words.contains(where: { $0.confidence != nil }) else { return [] }
        let marked = words.count { marks.level(of: $0.confidence) != .sure }
        return ["\(marks.legend)", marks.dimmed("\(marked) of \(words.count) words are marked")]
    }

    private func wrapped(_ text: String, _ level: ConfidenceMarks.Level) -> [String] {
        var filler = LineFiller(width: width, marks: marks)
        let level = marks.style == .colour ? level : .sure
        for word in text.split(separator: " ") { filler.add(String(word), level) }
        filler.endLine()
        return filler.lines
    }

    // MARK: Text

    /// A run of words without a long silence.
    private struct Paragraph {
        var start: MediaTime
        var channel: Int?
        var words: [TimedWord]
    }

    private func text(_ segments: [TranscriptSegment]) -> [String] {
        let paragraphs = segments.flatMap(self.paragraphs).enumerated()
            .sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
            .map(\.element)
        let stamps = paragraphs.map { ViewNumbers.clock($0.start) }
        let stampWidth = stamps.map(\.count).max() ?? 0
        let hasChannels = segments.contains(where: \.isOneOfChannels)
        let indent = stampWidth + 2 + (hasChannels ? 3 : 0)
        var lines: [String] = []
        for (paragraph, stamp) in zip(paragraphs, stamps) {
            var filler = LineFiller(width: width - indent, marks: marks)
            for word in paragraph.words {
                filler.add(TerminalText.line(word.text), marks.level(of: word.confidence))
            }
            filler.endLine()
            var front = String(repeating: " ", count: stampWidth - stamp.count) + stamp + "  "
            if hasChannels {
                front += ColumnText.fitted(
                    paragraph.channel.map(ChannelLetter.text) ?? "", 3)
            }
            for (index, line) in filler.lines.enumerated() {
                lines.append(
                    (index == 0
                        ? marks.dimmed(front) : String(repeating: " ", count: indent)) + line)
            }
        }
        return lines
    }

    private func paragraphs(of segment: TranscriptSegment) -> [Paragraph] {
        guard let words = segment.words, !words.isEmpty else {
            let words = segment.text.split(whereSeparator: \.isWhitespace).map {
                TimedWord(text: String($0), start: .zero, end: .zero)
            }
            let whole = Paragraph(start: segment.start, channel: segment.channel, words: words)
            return words.isEmpty ? [] : [whole]
        }
        var paragraphs: [Paragraph] = []
        var end = MediaTime.zero
        for word in words {
            let start = segment.start(of: word)
            if let last = paragraphs.last, !begins(start, behind: end, last.start) {
                paragraphs[paragraphs.count - 1].words.append(word)
            } else {
                paragraphs.append(
                    Paragraph(start: start, channel: segment.channel, words: [word]))
            }
            end = segment.end(of: word)
        }
        return paragraphs
    }

    /// Whether a word at `start` begins a line of its own behind a word that ended at `end`.
    private func begins(_ start: MediaTime, behind end: MediaTime, _ first: MediaTime) -> Bool {
        let gap = start > end ? start - end : .zero
        let length = start > first ? start - first : .zero
        return gap >= pause || (length >= Self.paragraphUsual && gap >= Self.smallPause)
            || length >= Self.paragraphMax
    }
}
