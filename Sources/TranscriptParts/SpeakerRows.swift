package import TranscriptRows

/// The stretches of a row that one speaker says, where its words name their speakers.
package enum SpeakerRows {
    /// The row with its speaker, or a row for each stretch of words of one speaker, in their order.
    ///
    /// A row that is parted gives rows that begin and end with their words, but for the edges of the row
    /// itself. Words of which nobody knows who says them are the row's own speaker's.
    ///
    /// - Parameter holdsWords: as for ``SegmentRows``.
    package static func rows(
        of row: TranscriptSegment, holdsWords: Bool = true
    ) -> [TranscriptSegment] {
        guard let words = row.words, words.hasSpeakers else { return [row] }
        var runs: [Range<Int>] = []
        for index in words.indices {
            if let last = runs.last, words.speaker(of: last.lowerBound) == words.speaker(of: index)
            {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        guard runs.count > 1 else {
            var one = row
            one.speaker = words.speaker(of: 0) ?? row.speaker
            return [one]
        }
        let places = WordPlaces(words, in: row.text)
        return runs.enumerated().map { index, run in
            let isFirst = index == 0
            let isLast = index + 1 == runs.count
            let end = words.end(of: run.upperBound - 1)
            let part = SegmentRows.Part(
                start: isFirst ? .zero : words.start(of: run.lowerBound),
                end: isLast ? (holdsWords ? max(row.duration, end) : row.duration) : end,
                startFrame: isFirst ? 0 : words.startFrame(of: run.lowerBound),
                text: places.text(of: run), words: run)
            let next = isLast ? nil : words.start(of: runs[index + 1].lowerBound)
            var one = SegmentRows.row(of: part, before: next, in: row)
            one.speaker = words.speaker(of: run.lowerBound) ?? row.speaker
            return one
        }
    }
}
