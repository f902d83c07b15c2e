/// A function of a score that never falls, as straight lines between knots; constant outside of them.
///
/// Only additions, products and quotients are needed to evaluate it, so the same score gives the same
/// bits on every processor.
package struct IsotonicMap: Hashable, Sendable {
    /// Rising strictly.
    package let scores: [Double]
    /// Never falling; as many as scores.
    package let values: [Double]

    /// - Precondition: one knot at least, scores rise and values do not fall.
    package init(scores: [Double], values: [Double]) {
        precondition(Self.isUsable(scores: scores, values: values), "knots are in order")
        self.scores = scores
        self.values = values
    }

    /// Whether numbers are knots of such a function.
    package static func isUsable(scores: [Double], values: [Double]) -> Bool {
        !scores.isEmpty && scores.count == values.count
            && scores.allSatisfy(\.isFinite) && values.allSatisfy(\.isFinite)
            && zip(scores, scores.dropFirst()).allSatisfy { $0 < $1 }
            && zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
    }

    package func callAsFunction(_ score: Double) -> Double {
        guard score > scores[0] else { return values[0] }
        let last = scores.count - 1
        guard score < scores[last] else { return values[last] }
        var (low, high) = (0, last)
        while high - low > 1 {
            let middle = (low + high) / 2
            if scores[middle] <= score { low = middle } else { high = middle }
        }
        let share = (score - scores[low]) / (scores[high] - scores[low])
        return values[low] + (values[high] - values[low]) * share
    }

    // MARK: Fitting

    /// A score with the sum of what was observed at it, and of how much was.
    package struct Observation: Hashable, Sendable {
        package var score: Double
        /// Weight × value, such as errors.
        package var sum: Double
        /// Such as words.
        package var weight: Double

        package init(score: Double, sum: Double, weight: Double) {
            self.score = score
            self.sum = sum
            self.weight = weight
        }
    }

    /// Isotonic regression by pooling adjacent violators (Ayer and others 1955), with knots at the means
    /// of the pools.
    ///
    /// A pool of few words says little, so those below `leastWeight` are pooled with their neighbour,
    /// and each is given half an observation of either kind (Jeffreys's prior), since no map should
    /// say that an error is impossible.
    ///
    /// - Parameter observations: sorted by score; weights of 0 are left out.
    /// - Returns: nil where there is no weight.
    package init?(fitting observations: [Observation], leastWeight: Double) {
        var pools: [Pool] = []
        for observation in observations where observation.weight > 0 {
            let pool = Pool(
                scores: observation.score * observation.weight, sum: observation.sum,
                weight: observation.weight)
            // Equal scores are one observation, whatever their order.
            if let last = pools.last, last.meanScore == observation.score {
                pools[pools.count - 1] = last.joined(pool)
            } else {
                pools.append(pool)
            }
        }
        guard !pools.isEmpty else { return nil }
        pools = Self.pooled(pools) { $0.sum / $0.weight > $1.sum / $1.weight }
        // A small pool takes what follows, up to the least weight; a small rest goes to the last one.
        pools = Self.pooled(pools) { first, _ in first.weight < leastWeight }
        if pools.count > 1, let last = pools.last, last.weight < leastWeight {
            pools.removeLast()
            pools[pools.count - 1] = pools[pools.count - 1].joined(last)
        }
        pools = Self.pooled(pools) { $0.smoothed > $1.smoothed || $0.meanScore >= $1.meanScore }
        self.init(scores: pools.map(\.meanScore), values: pools.map(\.smoothed))
    }

    private struct Pool {
        /// Weight × score.
        var scores: Double
        var sum: Double
        var weight: Double

        var meanScore: Double { scores / weight }
        var smoothed: Double { (sum + 0.5) / (weight + 1) }

        func joined(_ other: Pool) -> Pool {
            Pool(scores: scores + other.scores, sum: sum + other.sum, weight: weight + other.weight)
        }
    }

    /// Joins neighbours for as long as `belong` says that two of them are one.
    private static func pooled(_ pools: [Pool], _ belong: (Pool, Pool) -> Bool) -> [Pool] {
        var result: [Pool] = []
        for pool in pools {
            result.append(pool)
            while result.count > 1,
                belong(result[result.count - 2], result[result.count - 1])
            {
                let last = result.removeLast()
                result[result.count - 1] = result[result.count - 1].joined(last)
            }
        }
        return result
    }
}
