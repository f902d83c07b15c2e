/// How long batches took.
package struct BatchTimes: Hashable, Sendable {
    package var meanMilliseconds: Double
    /// So many milliseconds or less took 90, 95 and 99 % of the batches.
    package var percentile90: Double
    package var percentile95: Double
    package var percentile99: Double

    package init(mean: Double, percentile90: Double, percentile95: Double, percentile99: Double) {
        meanMilliseconds = mean
        self.percentile90 = percentile90
        self.percentile95 = percentile95
        self.percentile99 = percentile99
    }

    /// - Precondition: there is a batch.
    package init(of milliseconds: [Double]) {
        precondition(!milliseconds.isEmpty, "there is a batch")
        let descending = milliseconds.sorted(by: >)
        // The reference's own rule: element floor(n (1 - p)) of the times in descending order.
        func percentile(_ percent: Int) -> Double {
            descending[descending.count * (100 - percent) / 100]
        }
        self.init(
            mean: milliseconds.reduce(0, +) / Double(milliseconds.count),
            percentile90: percentile(90), percentile95: percentile(95),
            percentile99: percentile(99))
    }
}
