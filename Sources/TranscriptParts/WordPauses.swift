internal import TranscriptRows

/// The parts of a row between the pauses of its words.
///
/// A part has up to half a second before and behind its words, and never more than half of the pause.
struct WordPauses {
    /// Where words are parted.
    struct Rules: Hashable {
        /// A pause of this length parts words.
        var pauseMin: MediaTime
        /// Words that go on are cut by then, if a word ends.
        var lengthMax: MediaTime
        /// Where they are cut: at the longest pause from here on.
        var searchFrom: MediaTime

        static let usual = Rules(
            pauseMin: MediaTime(milliseconds: 1_000), lengthMax: MediaTime(milliseconds: 30_000),
            searchFrom: MediaTime(milliseconds: 20_000))
    }

    /// What is kept before and behind the words of a part, and at most half of the pause.
    static let margin = MediaTime(milliseconds: 500)

    private let words: TimedWords
    private let places: WordPlaces
    private let duration: MediaTime

    /// - Parameters:
    ///   - text: of the row, from which the parts' texts are taken.
    ///   - duration: of the row.
    init(_ words: TimedWords, text: String, duration: MediaTime) {
        self.words = words
        self.duration = duration
        places = WordPlaces(words, in: text)
    }

    /// The parts of some of the words, in order; none without a word.
    func parts(of range: Range<Int>, by rules: Rules) -> [SegmentRows.Part] {
        runs(of: range, by: rules).map { run in
            let first = run.lowerBound
            let last = run.upperBound - 1
            let start = words.start(of: first)
            let before = first == 0 ? start : pause(before: first).half
            let end = words.end(of: last)
            let behind =
                run.upperBound == words.count
                ? max(.zero, duration - end) : pause(before: run.upperBound).half
            return SegmentRows.Part(
                start: start - min(before, Self.margin), end: end + min(behind, Self.margin),
                startFrame: nil, text: places.text(of: run), words: run)
        }
    }

    /// The silence between a word and the one before.
    private func pause(before index: Int) -> MediaTime {
        max(.zero, words.start(of: index) - words.end(of: index - 1))
    }

    /// The words of each part.
    private func runs(of range: Range<Int>, by rules: Rules) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var first = range.lowerBound
        while first < range.upperBound {
            var end = first + 1
            while end < range.upperBound, pause(before: end) < rules.pauseMin {
                if words.end(of: end) - words.start(of: first) > rules.lengthMax {
                    end = cut(first..<end, from: rules.searchFrom)
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
    private func cut(_ run: Range<Int>, from searchFrom: MediaTime) -> Int {
        var best = run.upperBound
        for index in run.dropFirst()
        where words.start(of: index) - words.start(of: run.lowerBound) >= searchFrom {
            if pause(before: index) > pause(before: best) { best = index }
        }
        return best
    }
}

extension MediaTime {
    fileprivate var half: MediaTime { MediaTime(nanoseconds: nanoseconds / 2) }
}
