/// Words on the frames of a recording, where words may have no audio and audio may have no words.
package struct LooseAlignment: Hashable, Sendable {
    /// What a frame is taken for.
    package enum Frame: Hashable, Sendable {
        case blank
        case delimiter
        /// Audio without text.
        case extra
        case letter(word: Int, position: Int)
    }

    /// One for each frame.
    package var path: [Frame]
    /// Words without audio, ascending.
    package var missing: [Int]

    package init(path: [Frame] = [], missing: [Int] = []) {
        self.path = path
        self.missing = missing
    }

    /// Frames times states that one stretch may have; above that, where text and audio have nothing in
    /// common, all of it is missing and extra.
    package static let cellsMax = 1 << 28
    /// Stretches with more are divided at places where text and audio agree.
    package static let cellsOfStretch = 1 << 23

    /// Aligns `words` with all frames of `emissions`.
    ///
    /// - Parameters:
    ///   - words: columns of `emissions` for each word; none is empty.
    ///   - blank: the column of CTC's blank.
    ///   - delimiter: the column of the delimiter of words; nil where there is none.
    ///   - cellsOfStretch: frames times states that are aligned in one go.
    package static func align(
        _ words: [[Int]], blank: Int, delimiter: Int?, in emissions: Emissions,
        costs: LooseCosts = LooseCosts(), cellsOfStretch: Int = cellsOfStretch
    ) -> LooseAlignment {
        let anchors = Anchors(words, blank: blank, delimiter: delimiter, emissions)
        let stretches = anchors.stretches(cellsMax: cellsOfStretch)
        var result = LooseAlignment()
        result.path.reserveCapacity(emissions.frames)
        for stretch in stretches {
            var trellis = LooseTrellis(
                Array(words[stretch.words]), blank: blank, delimiter: delimiter, emissions,
                stretch.frames, costs)
            let states = trellis.stateCount
            let part: LooseAlignment
            if states.multipliedReportingOverflow(by: stretch.frames.count).overflow
                || states * stretch.frames.count > cellsMax
            {
                part = LooseAlignment(
                    path: [Frame](repeating: .extra, count: stretch.frames.count),
                    missing: Array(0..<stretch.words.count))
            } else {
                part = trellis.bestPath()
            }
            result.append(part, firstWord: stretch.words.lowerBound)
        }
        return result
    }

    private mutating func append(_ part: LooseAlignment, firstWord: Int) {
        missing += part.missing.map { $0 + firstWord }
        path += part.path.map { frame in
            guard case .letter(let word, let position) = frame else { return frame }
            return .letter(word: word + firstWord, position: position)
        }
    }
}
