/// The parts of a row between the pauses of its words.
///
/// Words that follow each other with pauses of less than a second are one part. One that is longer than
/// 30 s is cut at its longest pause after 20 s. A part has up to half a second before and behind its words,
/// and never more than half of the pause.
struct WordPauses {
    private let words: TimedWords
    private let text: String
    private let duration: MediaTime

    /// - Parameters:
    ///   - text: of the row, from which the parts' texts are taken.
    ///   - duration: of the row.
    init(_ words: TimedWords, text: String, duration: MediaTime) {
        self.words = words
        self.text = text
        self.duration = duration
    }

    /// The parts, in order; none without a word.
    var parts: [SegmentRows.Part] {
        guard !words.isEmpty else { return [] }
        let places = WordPlaces(words, in: text)
        return runs.map { run in
            let first = run.lowerBound
            let last = run.upperBound - 1
            let start = words.start(of: first)
            let before = first == 0 ? start : pause(before: first).half
            let end = words.end(of: last)
            let behind =
                run.upperBound == words.count
                ? max(.zero, duration - end) : pause(before: run.upperBound).half
            return SegmentRows.Part(
                start: start - min(before, SegmentRows.margin),
                end: end + min(behind, SegmentRows.margin), startFrame: nil,
                text: places.text(of: run), words: run)
        }
    }

    /// The silence between a word and the one before.
    private func pause(before index: Int) -> MediaTime {
        max(.zero, words.start(of: index) - words.end(of: index - 1))
    }

    /// The words of each part.
    private var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        var first = 0
        while first < words.count {
            var end = first + 1
            while end < words.count, pause(before: end) < SegmentRows.pauseMin {
                if words.end(of: end) - words.start(of: first) > SegmentRows.lengthMax {
                    end = cut(first..<end)
                    break
                }
                end += 1
            }
            runs.append(first..<end)
            first = end
        }
        return runs
    }

    /// Before which word to cut, where those of `run` are as many as a part may have.
    private func cut(_ run: Range<Int>) -> Int {
        var best = run.upperBound
        for index in run.dropFirst()
        where words.start(of: index) - words.start(of: run.lowerBound) >= SegmentRows.searchFrom {
            if pause(before: index) > pause(before: best) { best = index }
        }
        return best
    }
}

extension MediaTime {
    fileprivate var half: MediaTime { MediaTime(nanoseconds: nanoseconds / 2) }
}
