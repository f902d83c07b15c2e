internal import Glibc

/// How far a row is from those that were calibrated on: Mahalanobis's distance over what predicts errors.
///
/// Rows of other speech may have no single measure beyond what was seen and yet a mixture of them that no
/// calibrating row had. One such row says little; a set of which many are far is another kind of speech.
package struct Likeness: Hashable, Sendable {
    /// Predictors, as ``RowPredictors`` names them.
    package var names: [String]
    package var means: [Double]
    /// Standard deviations, or 1.
    package var scales: [Double]
    /// The lower triangle, row by row, of the matrix that makes scaled predictors uncorrelated.
    package var whitening: [Double]
    /// The square of the distance within which ``shareWithin`` of the calibrating rows lie.
    package var limit: Double

    package static let shareWithin = 0.95
    /// Added to the variances of scaled predictors, since some of them say nearly the same.
    private static let ridge = 0.01

    package init(
        names: [String], means: [Double], scales: [Double], whitening: [Double], limit: Double
    ) {
        self.names = names
        self.means = means
        self.scales = scales
        self.whitening = whitening
        self.limit = limit
    }

    /// Whether numbers fit together, as those of a file must.
    package var isUsable: Bool {
        means.count == names.count && scales.count == names.count
            && whitening.count == names.count * (names.count + 1) / 2
            && scales.allSatisfy { $0 > 0 } && limit >= 0
    }

    /// Of all rows of a table.
    ///
    /// - Parameter columns: predictors that no row lacks.
    /// - Returns: nil without rows or columns.
    init?(_ table: TrainingTable, columns: [Int]) {
        guard table.count > 0, !columns.isEmpty else { return nil }
        let size = columns.count
        let rows = table.trials.indices.map { row in
            let predictors = table.predictors(of: row)
            return columns.map { predictors[predictors.startIndex + $0] }
        }
        let count = Double(rows.count)
        let means = columns.indices.map { column in rows.reduce(0) { $0 + $1[column] } / count }
        let scales = columns.indices.map { column in
            let squares = rows.reduce(0) { sum, row in
                sum + (row[column] - means[column]) * (row[column] - means[column])
            }
            return squares / count > 1e-18 ? (squares / count).squareRoot() : 1
        }
        var covariance = [Double](repeating: 0, count: size * size)
        for row in rows {
            let scaled = row.indices.map { (row[$0] - means[$0]) / scales[$0] }
            for i in 0..<size {
                for j in 0...i { covariance[i * size + j] += scaled[i] * scaled[j] / count }
            }
        }
        for i in 0..<size { covariance[i * size + i] += Self.ridge }
        self.init(
            names: columns.map { table.names[$0] }, means: means, scales: scales,
            whitening: Self.whitening(covariance, size), limit: 0)
        let distances = rows.map { distance($0) }.sorted()
        limit = distances[min(rows.count - 1, Int(Self.shareWithin * count))]
    }

    /// The inverse of the lower Cholesky factor, row by row.
    private static func whitening(_ covariance: [Double], _ size: Int) -> [Double] {
        var factor = covariance
        for i in 0..<size {
            for j in 0...i {
                var sum = factor[i * size + j]
                for k in 0..<j { sum -= factor[i * size + k] * factor[j * size + k] }
                factor[i * size + j] =
                    i == j ? max(1e-12, sum).squareRoot() : sum / factor[j * size + j]
            }
        }
        var inverse = [Double](repeating: 0, count: size * size)
        for column in 0..<size {
            for i in column..<size {
                var sum = i == column ? 1.0 : 0
                for k in column..<i { sum -= factor[i * size + k] * inverse[k * size + column] }
                inverse[i * size + column] = sum / factor[i * size + i]
            }
        }
        return (0..<size).flatMap { i in inverse[i * size...i * size + i] }
    }

    /// The square of a row's distance.
    ///
    /// - Parameter values: one for each name; what a row lacks (nan) counts as the mean.
    package func distance(_ values: [Double]) -> Double {
        precondition(values.count == names.count, "a value for each name")
        return values.withUnsafeBufferPointer { values in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: values.count) { scaled in
                for index in values.indices {
                    let value = (values[index] - means[index]) / scales[index]
                    scaled[index] = value.isNaN ? 0 : value
                }
                return whitening.withUnsafeBufferPointer { whitening in
                    var sum = 0.0
                    var place = 0
                    for i in values.indices {
                        var component = 0.0
                        for j in 0...i { component += whitening[place + j] * scaled[j] }
                        place += i + 1
                        sum += component * component
                    }
                    return sum
                }
            }
        }
    }
}
