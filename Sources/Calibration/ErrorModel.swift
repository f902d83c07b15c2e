internal import Glibc

/// From predictors to an expected rate of errors.
package struct ErrorModel: Hashable, Sendable {
    package enum Method: String, Hashable, Sendable {
        case isotonic
        /// Where there are too few words for steps.
        case logistic
    }

    /// `combined`, or the single measure that it is.
    package var name: String
    package var score: LinearScore
    package var method: Method
    /// From the score to errors a word.
    package var map: IsotonicMap

    package init(name: String, score: LinearScore, method: Method, map: IsotonicMap) {
        self.name = name
        self.score = score
        self.method = method
        self.map = map
    }

    /// Isotonic regression needs this many words.
    package static let isotonicWordsMin = 500.0
    /// Knots that a logistic curve is written as.
    private static let logisticKnots = 129

    /// Fits score and map.
    ///
    /// - Parameters:
    ///   - columns: the predictors that are used.
    ///   - rows: which rows of the table are used.
    package init?(
        fitting table: TrainingTable, name: String, columns: [Int], rows: [Int]
    ) {
        let score = LogisticRegression.fit(table, columns: columns, rows: rows)
        let scores = rows.map { Self.score(score, table, columns, $0) }
        let weights = rows.map { table.trials[$0] }
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        self.name = name
        self.score = score
        if total < Self.isotonicWordsMin {
            method = .logistic
            map = Self.logistic(scores)
        } else {
            method = .isotonic
            let order = rows.indices.sorted { (scores[$0], rows[$0]) < (scores[$1], rows[$1]) }
            let observations = order.map { place in
                IsotonicMap.Observation(
                    score: scores[place], sum: table.errors[rows[place]],
                    weight: weights[place])
            }
            guard
                let map = IsotonicMap(
                    fitting: observations, leastWeight: Self.leastWeight(ofWords: total))
            else { return nil }
            self.map = map
        }
    }

    /// Words of a step at least.
    static func leastWeight(ofWords total: Double) -> Double { max(30, total / 200) }

    /// What the score is of one row of a table.
    static func score(
        _ score: LinearScore, _ table: TrainingTable, _ columns: [Int], _ row: Int
    ) -> Double {
        let predictors = table.predictors(of: row)
        return score(columns.map { predictors[predictors.startIndex + $0] })
    }

    /// 1 / (1 + e^-s), over the scores that there are.
    private static func logistic(_ scores: [Double]) -> IsotonicMap {
        let low = min(-8, scores.min() ?? 0), high = max(8, scores.max() ?? 0)
        let knots = (0..<logisticKnots).map { index in
            low + (high - low) * Double(index) / Double(logisticKnots - 1)
        }
        return IsotonicMap(scores: knots, values: knots.map { 1 / (1 + exp(-$0)) })
    }
}
