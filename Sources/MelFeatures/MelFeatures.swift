/// What a network reads in place of samples: logarithms of energies, row by row.
package struct MelFeatures: Hashable, Sendable {
    /// [rows, width], row-major.
    package let values: [Float]
    package let width: Int
    /// Rows from the start that are all of audio; the network masks the others.
    package let validRows: Int

    package var rows: Int { values.count / width }

    init(values: [Float], width: Int, validRows: Int) {
        self.values = values
        self.width = width
        self.validRows = validRows
    }
}

extension MelFeatures {
    /// Copies the first `rows` rows to `target`, one behind the other.
    package func copy(to target: UnsafeMutablePointer<Float>, rows: Int) {
        precondition(rows <= self.rows, "the rows are there")
        values.withUnsafeBufferPointer { values in
            guard let first = values.baseAddress else { return }
            target.update(from: first, count: rows * width)
        }
    }

    /// Frames of 10 ms between two signs of progress.
    static let framesPerStep = 1_000

    /// Means and squared deviations of the columns of [rows, bins].
    static func moments(
        _ values: [Double], rows: Int, bins: Int
    ) -> [(mean: Double, squares: Double)] {
        (0..<bins).map { bin in
            var sum = 0.0
            for row in 0..<rows { sum += values[row * bins + bin] }
            let mean = sum / Double(rows)
            var squares = 0.0
            for row in 0..<rows {
                let deviation = values[row * bins + bin] - mean
                squares += deviation * deviation
            }
            return (mean, squares)
        }
    }

    /// A symmetric Hann window of `count` values.
    static func hann(_ count: Int) -> [Double] {
        (0..<count).map { 0.5 - 0.5 * PortableMath.turn($0, count - 1).cosine }
    }
}
