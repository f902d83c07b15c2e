/// How many errors are kept when only the surest part of a set is: the risk-coverage curve (El-Yaniv and
/// Wiener 2010) and the area under it.
package struct RiskCoverage: Hashable, Sendable {
    /// One row or word.
    package struct Item: Hashable, Sendable {
        /// The higher, the less sure.
        package var doubt: Double
        package var errors: Double
        /// Words, of which coverage is a share.
        package var weight: Double

        package init(doubt: Double, errors: Double, weight: Double) {
            self.doubt = doubt
            self.errors = errors
            self.weight = weight
        }
    }

    /// The mean error rate over all coverages from 0 to 1; nil where there are no words.
    package let area: Double?
    /// The error rate of all.
    package let wholeRisk: Double

    /// Items of equal doubt are taken together, so that their order says nothing.
    package init(_ items: [Item]) {
        let sorted = items.filter { $0.weight > 0 }.sorted { $0.doubt < $1.doubt }
        let total = sorted.reduce(0) { $0 + $1.weight }
        guard total > 0 else {
            (area, wholeRisk) = (nil, 0)
            return
        }
        var (errors, weight, sum) = (0.0, 0.0, 0.0)
        var index = 0
        while index < sorted.count {
            var end = index
            var (added, wrong) = (0.0, 0.0)
            while end < sorted.count, sorted[end].doubt == sorted[index].doubt {
                added += sorted[end].weight
                wrong += sorted[end].errors
                end += 1
            }
            // Within the tie the risk runs from the one before to the one behind it.
            let before = weight > 0 ? errors / weight : wrong / added
            errors += wrong
            weight += added
            sum += (before + errors / weight) / 2 * added
            index = end
        }
        area = sum / total
        wholeRisk = errors / weight
    }
}
