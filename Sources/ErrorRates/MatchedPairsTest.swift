internal import Glibc

/// Whether two systems differ in the errors that they make on the same speech: the matched-pairs
/// sentence-segment word error test (Gillick and Cox 1989, "Some statistical issues in the comparison of
/// speech recognition algorithms"), with the segments of NIST's sc_stats.
///
/// A segment is where at least one system errs, up to where both are right for two words; errors in
/// different segments are taken as independent, which errors in one sentence are not.
package struct MatchedPairsTest: Hashable, Sendable {
    /// Words that both must have right between two segments.
    private static let bufferWords = 2

    package private(set) var segments = 0
    private var sum = 0
    private var sumOfSquares = 0

    package init() {}

    /// Takes one utterance as both systems have it, aligned to the same reference.
    package mutating func add(_ first: [AlignedPair], _ second: [AlignedPair]) {
        for segment in Self.segments(first, second) {
            let difference = segment.first - segment.second
            segments += 1
            sum += difference
            sumOfSquares += difference * difference
        }
    }

    /// Of the differences in errors a segment, first less second.
    package var mean: Double { segments == 0 ? 0 : Double(sum) / Double(segments) }

    package var standardDeviation: Double {
        guard segments > 1 else { return 0 }
        let count = Double(segments)
        let squares = Double(sumOfSquares) - Double(sum) * Double(sum) / count
        return (max(0, squares) / (count - 1)).squareRoot()
    }

    /// The mean in standard errors; 0 where all segments are alike.
    package var z: Double {
        let deviation = standardDeviation
        return deviation == 0 ? 0 : mean / (deviation / Double(segments).squareRoot())
    }

    /// How probable so large a difference is between systems that do not differ, on either side.
    package var p: Double { erfc(abs(z) / 2.0.squareRoot()) }

    // MARK: Segments

    /// Errors of both in each segment of one utterance.
    package static func segments(
        _ first: [AlignedPair], _ second: [AlignedPair]
    ) -> [(first: Int, second: Int)] {
        var segments: [(first: Int, second: Int)] = []
        var (one, other) = (0, 0)
        /// Errors since the last segment ended.
        var errors = (first: 0, second: 0)
        /// Words that both have right since the last error.
        var right = 0
        func close() {
            if errors.first + errors.second > 0 { segments.append(errors) }
            errors = (0, 0)
        }
        while one < first.count || other < second.count {
            while one < first.count, first[one].operation == .insertion {
                errors.first += 1
                right = 0
                one += 1
            }
            while other < second.count, second[other].operation == .insertion {
                errors.second += 1
                right = 0
                other += 1
            }
            let isFirstRight = one >= first.count || first[one].operation == .hit
            let isSecondRight = other >= second.count || second[other].operation == .hit
            if one < first.count || other < second.count {
                if isFirstRight && isSecondRight {
                    right += 1
                    if right >= bufferWords { close() }
                } else {
                    right = 0
                    if !isFirstRight { errors.first += 1 }
                    if !isSecondRight { errors.second += 1 }
                }
            }
            one += 1
            other += 1
        }
        close()
        return segments
    }
}
