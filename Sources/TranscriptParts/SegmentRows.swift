package import TranscriptRows

/// The segments of a row as rows of their own.
///
/// A record of a job that looks for speech lists its segments: the windows that have words. Other records
/// have only their words, which are parted at pauses then.
package enum SegmentRows {
    /// A part of a row, with times from the beginning of the row.
    struct Part: Hashable {
        var start: MediaTime
        var end: MediaTime
        /// The model's frame with which it begins; nil where that is not known.
        var startFrame: Int?
        var text: String
        /// Of the row's words.
        var words: Range<Int>
    }

    /// The rows that the segments of `row` are, in their order; none where nothing is said.
    ///
    /// A row whose parts nothing tells, since it has neither segments nor times of words, is itself one.
    ///
    /// - Parameters:
    ///   - holdsWords: a row begins no later and ends no sooner than its words, some of which may reach over
    ///     a cut; otherwise its span is the segment's, and none reaches into another.
    ///   - lengths: how long a row may be; nil for as long as the segments are.
    package static func rows(
        of row: TranscriptSegment, holdsWords: Bool = true, lengths: SegmentLengths? = nil
    ) -> [TranscriptSegment] {
        guard var parts = parts(of: row) else {
            guard !FlatText.isBlank(row.text) else { return [] }
            var whole = row
            whole.parent = .init(row: row.lineNumber - 1, id: row.rowID)
            whole.rowID = rowID(of: row)
            return [whole]
        }
        if holdsWords, let words = row.words {
            for index in parts.indices { parts[index].reach(over: words) }
        }
        if let lengths { parts = lengths.fitted(parts, of: row) }
        return parts.indices.map { index in
            let next = index + 1 < parts.count ? parts[index + 1] : nil
            let begin = next.flatMap { $0.words.first }.flatMap { row.words?.start(of: $0) }
            return Self.row(of: parts[index], before: begin ?? next?.start, in: row)
        }
    }

    /// The parts of a row; nil where nothing tells them.
    static func parts(of row: TranscriptSegment) -> [Part]? {
        if let segments = row.segments { return parts(segments, row.words ?? []) }
        guard let words = row.words else { return nil }
        return WordPauses(words, text: row.text, duration: row.duration)
            .parts(of: words.indices, by: .usual)
    }

    /// Each word is of the segment in which it begins, as the record has them.
    private static func parts(_ segments: TimedWords, _ words: TimedWords) -> [Part] {
        var next = 0
        return segments.indices.map { index in
            let segment = segments[index]
            let first = next
            let isLast = index + 1 == segments.count
            while next < words.count, isLast || begins(words, next, before: segment) { next += 1 }
            return Part(
                start: segment.start, end: segment.end, startFrame: segment.startFrame,
                text: segment.text, words: first..<next)
        }
    }

    private static func begins(
        _ words: TimedWords, _ index: Int, before segment: TimedWord
    ) -> Bool {
        if let end = segment.endFrame, let start = words.startFrame(of: index) {
            return start < end
        }
        return words.start(of: index) < segment.end
    }

    /// A part of a row as a row of its own.
    ///
    /// - Parameter next: when the words begin that follow; nil for those of the last part.
    static func row(
        of part: Part, before next: MediaTime?, in row: TranscriptSegment
    ) -> TranscriptSegment {
        var one = row
        one.parent = row.parent ?? .init(row: row.lineNumber - 1, id: row.rowID)
        one.segments = nil
        one.wordList = nil
        one.start = row.start + part.start
        one.duration = part.end - part.start
        one.text = part.text
        one.words = row.words?.slice(part.words, from: part.start, frame: part.startFrame)
        if let characters = row.characters, let words = row.words {
            // Characters go with the word that they are of.
            let first = part.words.first.map { words.start(of: $0) } ?? part.start
            let last = next ?? .max
            let begin = characters.indices.first { characters.start(of: $0) >= first }
            let end = characters.indices.last { characters.start(of: $0) < last }
            let own = begin.flatMap { begin in
                end.flatMap { begin <= $0 ? begin..<$0 + 1 : nil }
            }
            one.characters = characters.slice(
                own ?? 0..<0, from: part.start, frame: part.startFrame)
        }
        // The id of the record, with what tells this part from others.
        var whole = row
        whole.rowID = one.parent?.id
        if let id = rowID(of: whole) {
            var name = Array((id + "-").utf8)
            name.appendDecimal(one.start.milliseconds, digits: 9)
            name.append(UInt8(ascii: "-"))
            name.appendDecimal(one.end.milliseconds, digits: 9)
            one.rowID = String(decoding: name, as: UTF8.self)
        }
        return one
    }

    /// The row's id; of one of several channels, with its letter.
    private static func rowID(of row: TranscriptSegment) -> String? {
        guard let id = row.rowID, row.isOneOfChannels, let channel = row.channel else {
            return row.rowID
        }
        return "\(id)-\(ChannelLetter.text(channel))"
    }
}

extension SegmentRows.Part {
    /// Grows to hold its words.
    fileprivate mutating func reach(over all: TimedWords) {
        guard let first = words.first, let last = words.last else { return }
        if all.start(of: first) < start {
            start = all.start(of: first)
            startFrame = startFrame == nil ? nil : all.startFrame(of: first)
        }
        end = max(end, all.end(of: last))
    }
}
