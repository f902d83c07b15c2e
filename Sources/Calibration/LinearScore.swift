internal import Glibc

/// A weighted sum of predictors: the higher it is, the likelier is an error.
///
/// It is the logarithm of the odds of an error by logistic regression, of which only order and
/// differences are used. A missing predictor counts as its mean.
package struct LinearScore: Hashable, Sendable {
    package struct Term: Hashable, Sendable {
        package let name: String
        package let mean: Double
        /// The standard deviation, or 1.
        package let scale: Double
        package let weight: Double

        package init(name: String, mean: Double, scale: Double, weight: Double) {
            self.name = name
            self.mean = mean
            self.scale = scale
            self.weight = weight
        }
    }

    package let terms: [Term]
    package let bias: Double

    package init(terms: [Term], bias: Double) {
        self.terms = terms
        self.bias = bias
    }

    /// - Parameter values: one for each term, in their order; nan where there is none.
    package func callAsFunction(_ values: some RandomAccessCollection<Double>) -> Double {
        var sum = bias
        for (term, value) in zip(terms, values) where !value.isNaN {
            sum += term.weight * ((value - term.mean) / term.scale)
        }
        return sum
    }
}

/// Predictors of many rows or words, with what came of them.
package struct TrainingTable: Sendable {
    package let names: [String]
    /// Row by row: count × names; nan where there is none.
    package private(set) var values: [Double] = []
    /// Words that were observed: the weight.
    package private(set) var trials: [Double] = []
    /// Of these, errors; there may be more, since words may be put in.
    package private(set) var errors: [Double] = []
    /// Which group each belongs to, counted from 0.
    package private(set) var groups: [Int] = []

    package init(names: [String]) { self.names = names }

    package var count: Int { trials.count }

    /// - Parameter predictors: one for each name.
    package mutating func append(
        _ predictors: some Collection<Double>, trials count: Double, errors wrong: Double,
        group: Int
    ) {
        precondition(predictors.count == names.count, "a value for each name")
        values.append(contentsOf: predictors)
        trials.append(count)
        errors.append(wrong)
        groups.append(group)
    }

    package func predictors(of index: Int) -> ArraySlice<Double> {
        values[index * names.count..<(index + 1) * names.count]
    }
}

/// Logistic regression with a small ridge, by Newton's method.
package enum LogisticRegression {
    /// Enough for any well-posed fit, which takes five or so.
    private static let iterationsMax = 40
    /// Of the sum of weights, for each coefficient: keeps those of predictors that say the same bounded.
    private static let ridgeShare = 1e-4

    /// Fits the odds of an error.
    ///
    /// - Parameters:
    ///   - columns: which predictors are used, by their place in the table.
    ///   - rows: which rows are used.
    /// - Returns: a score of as many terms as columns.
    package static func fit(
        _ table: TrainingTable, columns: [Int], rows: [Int]
    ) -> LinearScore {
        let (means, scales) = moments(table, columns, rows)
        let size = columns.count + 1
        var inputs = [Double](repeating: 1, count: rows.count * size)
        for (place, row) in rows.enumerated() {
            let predictors = table.predictors(of: row)
            for (column, source) in columns.enumerated() {
                let value = predictors[predictors.startIndex + source]
                inputs[place * size + column] =
                    value.isNaN ? 0 : (value - means[column]) / scales[column]
            }
        }
        let weights = rows.map { table.trials[$0] }
        let targets = rows.map { row in
            table.trials[row] > 0 ? min(1, table.errors[row] / table.trials[row]) : 0
        }
        let coefficients = newton(inputs, size, targets, weights)
        let terms = columns.enumerated().map { place, column in
            LinearScore.Term(
                name: table.names[column], mean: means[place], scale: scales[place],
                weight: coefficients[place])
        }
        return LinearScore(terms: terms, bias: coefficients[size - 1])
    }

    private static func moments(
        _ table: TrainingTable, _ columns: [Int], _ rows: [Int]
    ) -> (means: [Double], scales: [Double]) {
        var means: [Double] = [], scales: [Double] = []
        for column in columns {
            var (count, sum, squares) = (0.0, 0.0, 0.0)
            for row in rows {
                let predictors = table.predictors(of: row)
                let value = predictors[predictors.startIndex + column]
                guard !value.isNaN else { continue }
                count += 1
                sum += value
                squares += value * value
            }
            let mean = count > 0 ? sum / count : 0
            let variance = count > 0 ? max(0, squares / count - mean * mean) : 0
            means.append(mean)
            scales.append(variance > 1e-18 ? variance.squareRoot() : 1)
        }
        return (means, scales)
    }

    /// The coefficients, the bias last.
    private static func newton(
        _ inputs: [Double], _ size: Int, _ targets: [Double], _ weights: [Double]
    ) -> [Double] {
        var coefficients = [Double](repeating: 0, count: size)
        let total = weights.reduce(0, +)
        guard total > 0 else { return coefficients }
        // Half an error of either kind, so that a set without errors has finite odds.
        let share = (zip(weights, targets).reduce(0.5) { $0 + $1.0 * $1.1 }) / (total + 1)
        coefficients[size - 1] = log(share / (1 - share))
        let ridge = max(1, ridgeShare * total)
        for _ in 0..<iterationsMax {
            var gradient = [Double](repeating: 0, count: size)
            var hessian = [Double](repeating: 0, count: size * size)
            for row in targets.indices {
                let input = inputs[row * size..<(row + 1) * size]
                let logit = zip(input, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
                let probability = 1 / (1 + exp(-logit))
                let slope = weights[row] * (probability - targets[row])
                let curve = weights[row] * max(1e-9, probability * (1 - probability))
                for (i, left) in input.enumerated() {
                    gradient[i] += slope * left
                    for (j, right) in input.prefix(i + 1).enumerated() {
                        hessian[i * size + j] += curve * left * right
                    }
                }
            }
            for i in 0..<size - 1 {
                gradient[i] += ridge * coefficients[i]
                hessian[i * size + i] += ridge
            }
            hessian[size * size - 1] += 1e-9
            let step = solve(&hessian, gradient, size)
            // Far from the end Newton's step may be too long for the curve.
            let longest = step.map(abs).max() ?? 0
            let factor = longest > 4 ? 4 / longest : 1
            for i in 0..<size { coefficients[i] -= factor * step[i] }
            if longest < 1e-9 { break }
        }
        return coefficients
    }

    /// Solves a positive definite system by Cholesky's decomposition.
    ///
    /// - Parameter matrix: size × size, of which the lower half is read and written over.
    private static func solve(
        _ matrix: inout [Double], _ right: [Double], _ size: Int
    ) -> [Double] {
        for i in 0..<size {
            for j in 0...i {
                var sum = matrix[i * size + j]
                for k in 0..<j { sum -= matrix[i * size + k] * matrix[j * size + k] }
                matrix[i * size + j] =
                    i == j ? max(1e-12, sum).squareRoot() : sum / matrix[j * size + j]
            }
        }
        var result = right
        for i in 0..<size {
            for k in 0..<i { result[i] -= matrix[i * size + k] * result[k] }
            result[i] /= matrix[i * size + i]
        }
        for i in (0..<size).reversed() {
            for k in (i + 1)..<size { result[i] -= matrix[k * size + i] * result[k] }
            result[i] /= matrix[i * size + i]
        }
        return result
    }
}
