/// What a way of predicting errors says of rows that it was not fitted to.
package struct CrossValidation: Sendable {
    /// Of each row of the table: the score, and the errors a word that are expected.
    package let scores: [Double]
    package let expected: [Double]
    /// The area under the risk-coverage curve.
    package let area: Double
    package let reliability: Reliability

    /// Fits on all folds but one and predicts that one, in turn.
    ///
    /// - Parameter folds: of each row, from 0 on; with one fold only, what was fitted is predicted.
    /// - Returns: nil where nothing can be fitted.
    package init?(
        _ table: TrainingTable, name: String, columns: [Int], folds: [Int]
    ) {
        var scores = [Double](repeating: 0, count: table.count)
        var expected = scores
        let foldCount = (folds.max() ?? 0) + 1
        for fold in 0..<foldCount {
            let held = table.trials.indices.filter { folds[$0] == fold }
            let rest =
                foldCount == 1 ? held : table.trials.indices.filter { folds[$0] != fold }
            guard !held.isEmpty else { continue }
            guard
                let model = ErrorModel(
                    fitting: table, name: name, columns: columns, rows: Array(rest))
            else { return nil }
            for row in held {
                scores[row] = ErrorModel.score(model.score, table, columns, row)
                expected[row] = model.map(scores[row])
            }
        }
        self.scores = scores
        self.expected = expected
        var reliability = Reliability()
        var items: [RiskCoverage.Item] = []
        for row in table.trials.indices {
            reliability.add(
                said: expected[row], observed: table.errors[row], weight: table.trials[row])
            items.append(
                RiskCoverage.Item(
                    doubt: scores[row], errors: table.errors[row], weight: table.trials[row]))
        }
        guard let area = RiskCoverage(items).area else { return nil }
        self.area = area
        self.reliability = reliability
    }
}

/// The area under the risk-coverage curve of one measure as it is, without any fit.
package enum RawMeasure {
    /// - Returns: nil where the measure is missing in a row.
    package static func area(_ table: TrainingTable, column: Int) -> Double? {
        var items: [RiskCoverage.Item] = []
        for row in table.trials.indices {
            let predictors = table.predictors(of: row)
            let doubt = predictors[predictors.startIndex + column]
            guard !doubt.isNaN else { return nil }
            items.append(
                RiskCoverage.Item(
                    doubt: doubt, errors: table.errors[row], weight: table.trials[row]))
        }
        return RiskCoverage(items).area
    }
}
