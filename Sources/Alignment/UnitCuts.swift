/// Cuts of a recording where each line of its text stands, as ctc-segmentation makes them.
///
/// Kürzinger et al. 2020, "CTC-Segmentation of Large Corpora for German End-to-End Speech Recognition".
/// A unit begins half a second before its first letter, or in the middle of the pause before it if that is
/// later, and ends likewise. A pause lasts from the last frame in which the last letter is likelier than the
/// blank.
package struct UnitCuts: Sendable {
    /// The first and the last letter of a unit.
    package struct Unit: Hashable, Sendable {
        package var first: Range<Int>
        package var last: Range<Int>
        /// The column of the last letter.
        package var lastColumn: Int

        package init(first: Range<Int>, last: Range<Int>, lastColumn: Int) {
            self.first = first
            self.last = last
            self.lastColumn = lastColumn
        }
    }

    /// Where a unit is, in frames, and how sure that is.
    package struct Cut: Hashable, Sendable {
        package var start: Double
        package var end: Double
        /// The least mean of the path's log-probabilities in any 30 frames on end.
        package var confidence: Double
    }

    /// Frames over which a confidence is averaged.
    package static let framesOfMean = 30

    /// - Parameters:
    ///   - units: in order, without overlap.
    ///   - scores: the log-probability of each frame on the path.
    ///   - framesOfPadding: frames of half a second.
    package static func cuts(
        _ units: [Unit], scores: [Float], blank: Int, in emissions: Emissions,
        framesOfPadding: Double = 25
    ) -> [Cut] {
        var sums = [0.0]
        sums.reserveCapacity(scores.count + 1)
        for score in scores { sums.append(sums[sums.count - 1] + Double(score)) }
        // Where the pause after each unit begins, and where the letter before it was entered.
        let pauses = units.indices.map { index -> Int in
            let unit = units[index]
            guard index + 1 < units.count else { return unit.last.upperBound }
            return pause(
                after: unit, before: units[index + 1].first.lowerBound - 1, blank, emissions)
        }
        return units.indices.map { index in
            let unit = units[index]
            let before = index > 0 ? Double(units[index - 1].last.lowerBound) : 0
            let pause = index > 0 ? Double(pauses[index - 1]) : Double(unit.first.lowerBound - 1)
            let start = max(Double(unit.first.lowerBound) - framesOfPadding, (before + pause) / 2)
            let last = Double(unit.last.lowerBound)
            let end = min(last + framesOfPadding, (last + Double(pauses[index])) / 2)
            return Cut(
                start: max(0, start), end: end,
                confidence: confidence(sums, Int(max(0, start)), Int(end)))
        }
    }

    /// The cuts of ctc-segmentation's own path.
    package static func cuts(
        of path: LineTrellis.Path, framesOfPadding: Double = 25
    ) -> [Cut] {
        var sums = [0.0]
        for score in path.scores { sums.append(sums[sums.count - 1] + Double(score)) }
        return path.letters.indices.map { index in
            let letters = path.letters[index]
            let (first, last) = (Double(letters[0]), Double(letters[letters.count - 1]))
            let before = index > 0 ? Double(path.letters[index - 1].last ?? 0) : 0
            let pause = index > 0 ? Double(path.ends[index - 1]) : first - 1
            let start = max(0, max(first - framesOfPadding, (before + pause) / 2))
            let end = min(last + framesOfPadding, (last + Double(path.ends[index])) / 2)
            return Cut(
                start: start, end: end, confidence: confidence(sums, Int(start), Int(end)))
        }
    }

    private static func pause(
        after unit: Unit, before next: Int, _ blank: Int, _ emissions: Emissions
    ) -> Int {
        var pause = unit.last.upperBound
        for frame in unit.last.upperBound..<max(unit.last.upperBound, next) {
            let row = frame * emissions.columns
            if emissions.values[row + unit.lastColumn] > emissions.values[row + blank] {
                pause = frame + 1
            }
        }
        return pause
    }

    /// - Parameter sums: of the scores before each frame.
    package static func confidence(_ sums: [Double], _ start: Int, _ end: Int) -> Double {
        guard end > start else { return 0 }
        let count = framesOfMean
        guard end - start > count else { return (sums[end] - sums[start]) / Double(end - start) }
        var least = Double.infinity
        for frame in start..<end - count {
            least = min(least, (sums[frame + count] - sums[frame]) / Double(count))
        }
        return least
    }
}
