package import TranscriptRows

/// How long rows of segments may be, for those who train on them.
///
/// A segment that is longer is cut at its longest pauses between words; one that is shorter is joined with its
/// neighbour where the silence between them is short. What can be neither stays as it is, for a row without
/// times of words has nothing to be cut by, and a single word may stand alone.
package struct SegmentLengths: Hashable, Sendable {
    /// Of a row that stands by itself.
    ///
    /// Segments with longer silence than that between them are never joined.
    package let min: MediaTime
    package let max: MediaTime

    /// Nil unless 0 <= `min`, `min` is at most half of `max`, and `max` is 2 s at least.
    package init?(min: MediaTime, max: MediaTime) {
        guard min >= .zero, max >= MediaTime(milliseconds: 2_000),
            max <= .max, min.nanoseconds <= max.nanoseconds / 2
        else { return nil }
        self.min = min
        self.max = max
    }

    func fitted(_ parts: [SegmentRows.Part], of row: TranscriptSegment) -> [SegmentRows.Part] {
        guard let words = row.words else { return parts }
        let pauses = WordPauses(words, text: row.text, duration: row.duration)
        return joined(parts.flatMap { cut($0, pauses) }, words)
    }

    /// Where words are parted within a segment that is too long, so that what is kept around them fits, too.
    private var rules: WordPauses.Rules {
        WordPauses.Rules(
            pauseMin: .max, lengthMax: max - WordPauses.margin - WordPauses.margin,
            searchFrom: MediaTime(nanoseconds: max.nanoseconds / 2))
    }

    private func cut(_ part: SegmentRows.Part, _ pauses: WordPauses) -> [SegmentRows.Part] {
        guard part.end - part.start > max, part.words.count > 1 else { return [part] }
        var parts = pauses.parts(of: part.words, by: rules)
        // The edges of the whole stay where they are, unless silence there makes a row too long.
        let last = parts.count - 1
        if parts[0].end - part.start <= max {
            parts[0].start = part.start
            parts[0].startFrame = part.startFrame
        }
        if part.end - parts[last].start <= max { parts[last].end = part.end }
        return parts
    }

    private func joined(
        _ parts: [SegmentRows.Part], _ words: TimedWords
    ) -> [SegmentRows.Part] {
        var joined: [SegmentRows.Part] = []
        for part in parts {
            guard let last = joined.last, isShort(last) || isShort(part),
                part.start - last.end <= min, part.end - last.start <= max,
                isOfOneSpeaker(last, part, words)
            else {
                joined.append(part)
                continue
            }
            joined[joined.count - 1] = SegmentRows.Part(
                start: last.start, end: Swift.max(last.end, part.end), startFrame: last.startFrame,
                text: [last.text, part.text].filter { !FlatText.isBlank($0) }.joined(
                    separator: " "),
                words: last.words.lowerBound..<part.words.upperBound)
        }
        return joined
    }

    private func isShort(_ part: SegmentRows.Part) -> Bool { part.end - part.start < min }

    private func isOfOneSpeaker(
        _ one: SegmentRows.Part, _ next: SegmentRows.Part, _ words: TimedWords
    ) -> Bool {
        guard words.hasSpeakers, let last = one.words.last, let first = next.words.first else {
            return true
        }
        return words.speaker(of: last) == words.speaker(of: first)
    }
}
