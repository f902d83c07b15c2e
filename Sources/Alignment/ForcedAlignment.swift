/// The most probable way of a class sequence through the frames of a recording (CTC's Viterbi path).
///
/// Graves et al. 2006, "Connectionist Temporal Classification", section 4.1: between letters, and at
/// both ends, there may be blanks; a letter may last; equal letters in a row have a blank between.
package struct ForcedAlignment: Hashable, Sendable {
    /// One letter, and the frames that it was found in.
    package struct Span: Hashable, Sendable {
        /// Position among the letters that were asked for.
        package var position: Int
        package var frames: Range<Int>
        /// The sum of the log-probabilities of the letter over its frames.
        package var sum: Double
    }

    /// For each frame the position of its letter; -1 for a blank.
    package var path: [Int32]
    /// The log-probability of each frame on the path.
    package var scores: [Float]

    /// The sum of all scores.
    package var total: Double { scores.reduce(0) { $0 + Double($1) } }

    /// The letters in order.
    package var spans: [Span] {
        var spans: [Span] = []
        var previous: Int32 = -1
        for (frame, position) in path.enumerated() {
            let score = Double(scores[frame])
            if position >= 0, position == previous {
                let last = spans.count - 1
                spans[last].frames = spans[last].frames.lowerBound..<frame + 1
                spans[last].sum += score
            } else if position >= 0 {
                spans.append(Span(position: Int(position), frames: frame..<frame + 1, sum: score))
            }
            previous = position
        }
        return spans
    }

    /// What an alignment may do besides.
    package struct Options: Sendable {
        /// Frames before the first letter cost nothing.
        package var hasFreeStart = false
        /// Frames after the last letter cost nothing.
        package var hasFreeEnd = false

        package init() {}
    }

    /// Frames times states beyond this are refused: half a minute of one core.
    package static let cellsMax = 1 << 33

    /// Aligns `letters` with all frames of `emissions`.
    ///
    /// Memory is bounded: of a long recording, scores are kept at checkpoints only, and the way back
    /// is found a stretch at a time.
    ///
    /// - Parameters:
    ///   - letters: columns of `emissions`.
    ///   - blank: the column of CTC's blank.
    ///   - frames: the part of the recording; the path is as long.
    /// - Throws: ``AlignmentError`` if it cannot be: the letters do not fit the frames.
    package static func align(
        _ letters: [Int], blank: Int, in emissions: Emissions, frames: Range<Int>? = nil,
        options: Options = Options(), cellsOfBlock: Int = 1 << 24
    ) throws(AlignmentError) -> ForcedAlignment {
        for letter in letters where letter == blank || !(0..<emissions.columns).contains(letter) {
            throw .notALetter(class: letter)
        }
        let range = frames ?? 0..<emissions.frames
        let needed = framesNeeded(letters)
        guard needed <= range.count else {
            throw .textTooLong(frames: range.count, needed: needed)
        }
        let (cells, overflow) = range.count.multipliedReportingOverflow(by: 2 * letters.count + 1)
        guard !overflow, cells <= cellsMax else {
            throw .tooMuchWork(frames: range.count, letters: letters.count)
        }
        var trellis = Trellis(letters: letters, blank: blank, emissions, range, options)
        return trellis.bestPath(cellsOfBlock: cellsOfBlock)
    }

    /// Letters, and one frame more for each that follows its like.
    package static func framesNeeded(_ letters: [Int]) -> Int {
        letters.count + zip(letters, letters.dropFirst()).count { $0 == $1 }
    }
}
