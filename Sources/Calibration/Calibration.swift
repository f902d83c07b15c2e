package import MeasuredRows

/// What turns the features of a row into the error rate to expect of it, and of a word into the
/// probability that it is right.
package struct Calibration: Hashable, Sendable {
    /// The normaliser by which words were compared.
    package var normalizer: String
    /// The field by which rows belong together.
    package var groupField: String
    package var rows: ErrorModel
    package var spread: ErrorSpread
    /// Nil where the calibrating output had no word times.
    package var words: ErrorModel?
    package var seen: Seen
    package var measured: Measured

    /// What the calibrating rows were: outside of it nothing is promised.
    package struct Seen: Hashable, Sendable {
        package var rows = 0
        package var words = 0
        package var hours = 0.0
        package var groups = 0
        package var languages: [String] = []
        package var domains: [Domain] = []
        /// Of each predictor of the rows' score, between which values all rows lay.
        package var ranges: [Range] = []
        /// Nil in files of before there was one.
        package var likeness: Likeness?

        package init() {}

        /// The share of further rows of the same speech that lie beyond one of the ranges, if predictors were independent.
        ///
        /// The next of n + 1 values is the least or the greatest of them in two of n + 1 cases.
        package var usualOutsideShare: Double {
            min(0.5, 2 * Double(ranges.count) / Double(rows + 1))
        }
    }

    package struct Range: Hashable, Sendable {
        package var name: String
        package var low: Double
        package var high: Double

        package init(name: String, low: Double, high: Double) {
            self.name = name
            self.low = low
            self.high = high
        }
    }

    /// The rows of one domain, predicted without their group.
    package struct Domain: Hashable, Sendable {
        package var name: String
        package var rows = 0
        package var words = 0
        package var errorRate = 0.0
        package var expectedErrorRate = 0.0
        package var calibrationError = 0.0
        /// What the other domains alone let expect of it; nil where there are too few of them.
        package var leftOutErrorRate: Double?

        package init(name: String) { self.name = name }
    }

    /// How well it does on rows that were not fitted.
    package struct Measured: Hashable, Sendable {
        package var folds = 1
        package var errorRate = 0.0
        package var calibrationError = 0.0
        package var wordCalibrationError: Double?
        /// Areas under the risk-coverage curve of rows, the chosen one first.
        package var rowAreas: [Area] = []
        package var wordAreas: [Area] = []

        package init() {}
    }

    package struct Area: Hashable, Sendable {
        package var name: String
        package var area: Double

        package init(name: String, area: Double) {
            self.name = name
            self.area = area
        }
    }

    /// Where the predictors of the rows' score stand among ``RowPredictors/names``.
    package var rowColumns: [Int] {
        rows.score.terms.compactMap { RowPredictors.names.firstIndex(of: $0.name) }
    }

    package var wordColumns: [Int] {
        words?.score.terms.compactMap { WordPredictors.names.firstIndex(of: $0.name) } ?? []
    }
}

/// A calibration at work: what each row is expected to have.
package struct RowScorer: Sendable {
    package let calibration: Calibration
    private let columns: [Int]
    private let wordColumns: [Int]
    private let likenessColumns: [Int]

    package init(_ calibration: Calibration) {
        self.calibration = calibration
        columns = calibration.rowColumns
        wordColumns = calibration.wordColumns
        likenessColumns = (calibration.seen.likeness?.names ?? []).compactMap {
            RowPredictors.names.firstIndex(of: $0)
        }
    }

    package struct Reading: Hashable, Sendable {
        package var score: Double
        /// Errors a word of the reference; may be more than 1.
        package var expected: Double
        /// Whether a predictor lies outside of what the calibration saw.
        package var isOutside: Bool
        /// Whether it is farther from the calibrating rows than nearly all of them are.
        package var isFar = false
        /// The first predictor that the row lacks.
        package var missing: String?

        package init(score: Double, expected: Double, isOutside: Bool, missing: String?) {
            self.score = score
            self.expected = expected
            self.isOutside = isOutside
            self.missing = missing
        }
    }

    package func callAsFunction(_ row: MeasuredRow) -> Reading {
        let all = RowPredictors.values(of: row)
        let values = columns.map { all[$0] }
        var reading = Reading(score: 0, expected: 0, isOutside: false, missing: nil)
        for (range, value) in zip(calibration.seen.ranges, values) {
            if value.isNaN {
                reading.missing = reading.missing ?? range.name
            } else if value < range.low || value > range.high {
                reading.isOutside = true
            }
        }
        if let likeness = calibration.seen.likeness {
            reading.isFar = likeness.distance(likenessColumns.map { all[$0] }) > likeness.limit
        }
        reading.score = calibration.rows.score(values)
        reading.expected = calibration.rows.map(reading.score)
        return reading
    }

    /// The probability of each word to be right; none without word times or where words were not calibrated.
    package func words(of row: MeasuredRow) -> [Double] {
        guard let model = calibration.words else { return [] }
        return WordPredictors.values(of: row).map { all in
            1 - min(1, model.map(model.score(wordColumns.map { all[$0] })))
        }
    }
}
