/// How far said probabilities are from what came of them.
package struct Reliability: Hashable, Sendable {
    package struct Bin: Hashable, Sendable {
        package var weight = 0.0
        /// Weight × what was said.
        package var said = 0.0
        /// Weight × what came.
        package var observed = 0.0

        package init() {}
    }

    /// As is usual (Guo and others 2017).
    package static let binCount = 15

    package private(set) var bins = [Bin](repeating: Bin(), count: binCount)

    package init() {}

    /// - Parameter said: from 0 to 1; more counts as 1.
    /// - Parameter observed: weight × what came, such as errors among `weight` words.
    package mutating func add(said: Double, observed: Double, weight: Double) {
        let share = min(1, max(0, said))
        let index = min(Self.binCount - 1, Int(share * Double(Self.binCount)))
        bins[index].weight += weight
        bins[index].said += said * weight
        bins[index].observed += observed
    }

    /// The expected calibration error: the mean over words of the difference between what was said and
    /// what came, bin by bin; nil where there are none.
    package var expectedError: Double? {
        let total = bins.reduce(0) { $0 + $1.weight }
        guard total > 0 else { return nil }
        return bins.reduce(0) { $0 + abs($1.said - $1.observed) } / total
    }
}
