internal import Glibc

/// How far the error rate of a chosen set may be from what is expected of it.
///
/// Four things add up, each relative to the expected errors: the calibrating rows could have been others
/// (replicates of the map), the errors of a set are themselves drawn (dispersion), speakers or
/// recordings differ in ways that no feature tells (the variance between groups), which matters most
/// where a set is of few of them, and so do kinds of speech (the variance between domains). All but the
/// first are measured where sets are chosen: on rows that are surer than the mean.
package struct ErrorSpread: Hashable, Sendable {
    /// Where ``replicates`` have their values.
    package var scores: [Double]
    /// Of each replicate, a value for each score, never falling.
    package var replicates: [[Double]]
    /// Variance of a row's errors, by those that are expected.
    package var dispersion: Double
    /// Variance of the errors of a group, by the square of those that are expected.
    package var groupVariance: Double
    /// The same of a domain that was not fitted to; nil where domains were not named.
    package var domainVariance: Double?

    package static let replicateCount = 200
    private static let gridMax = 64
    /// Fewer groups than this are too few to be drawn instead of rows.
    private static let groupsDrawnMin = 20

    package init(
        scores: [Double], replicates: [[Double]], dispersion: Double, groupVariance: Double,
        domainVariance: Double? = nil
    ) {
        self.domainVariance = domainVariance
        self.scores = scores
        self.replicates = replicates
        self.dispersion = dispersion
        self.groupVariance = groupVariance
    }

    /// Measures the spread.
    ///
    /// - Parameters:
    ///   - scores: of each row of the table, by the model.
    ///   - held: what cross-validation said of rows whose group was not fitted.
    ///   - domains: what it said of rows whose domain was not fitted, and their domains; nil for no such.
    ///   - seed: of the draws.
    init(
        _ table: TrainingTable, _ model: ErrorModel, scores: [Double], held: CrossValidation,
        domains: (held: CrossValidation, labels: [Int])? = nil, seed: UInt64
    ) {
        let knots = model.map.scores
        let step = max(1, (knots.count + Self.gridMax - 1) / Self.gridMax)
        var grid = stride(from: 0, to: knots.count, by: step).map { knots[$0] }
        if let last = knots.last, grid.last != last { grid.append(last) }
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        let total = table.trials.reduce(0, +)
        let isByGroup = (table.groups.max() ?? 0) + 1 >= Self.groupsDrawnMin
        replicates = (0..<Self.replicateCount).map { replicate in
            let observations = order.map { row in
                let block = isByGroup ? table.groups[row] : row
                let weight = Double(PoissonDraws.weight(seed: seed, replicate, block: block))
                return IsotonicMap.Observation(
                    score: scores[row], sum: weight * table.errors[row],
                    weight: weight * table.trials[row])
            }
            let map =
                IsotonicMap(
                    fitting: observations,
                    leastWeight: ErrorModel.leastWeight(ofWords: total)) ?? model.map
            return grid.map { (map($0) * 1e6).rounded() / 1e6 }
        }
        self.scores = grid
        (dispersion, groupVariance) = Self.variances(table, held.expected, labels: table.groups)
        domainVariance = domains.map { held, labels in
            Self.variances(table, held.expected, labels: labels).labels
        }
    }

    /// Dispersion and variance between rows with different labels, by the errors of rows that were not
    /// fitted (DerSimonian and Laird's estimate of a random effect).
    ///
    /// Rows that are less sure than the mean have most of all errors and are not chosen, so they are left
    /// out.
    private static func variances(
        _ table: TrainingTable, _ expected: [Double], labels: [Int]
    ) -> (dispersion: Double, labels: Double) {
        let mean = table.errors.reduce(0, +) / max(1, table.trials.reduce(0, +))
        var said = [Double](repeating: 0, count: (labels.max() ?? -1) + 1)
        var observed = said
        var squares = 0.0
        for row in table.trials.indices where expected[row] <= mean {
            let errors = expected[row] * table.trials[row]
            said[labels[row]] += errors
            observed[labels[row]] += table.errors[row]
            squares += (table.errors[row] - errors) * (table.errors[row] - errors)
        }
        let places = said.indices.filter { said[$0] > 0 }
        let whole = places.reduce(0) { $0 + said[$1] }
        guard whole > 0 else { return (1, 0) }
        let dispersion = squares / whole
        // A label's ratio of errors to expected ones has the variance dispersion / expected.
        let weights = places.map { said[$0] / max(dispersion, 1e-9) }
        let sum = weights.reduce(0, +)
        let ratios = places.map { observed[$0] / said[$0] }
        let middle = zip(weights, ratios).reduce(0) { $0 + $1.0 * $1.1 } / sum
        let q = zip(weights, ratios).reduce(0) { $0 + $1.0 * ($1.1 - middle) * ($1.1 - middle) }
        let scale = sum - weights.reduce(0) { $0 + $1 * $1 } / sum
        guard scale > 0 else { return (dispersion, 0) }
        return (dispersion, max(0, (q - Double(places.count - 1)) / scale))
    }

    /// The middle 95 % of what the error rate of a set may be, which is of one domain that was not fitted to
    /// where domains were named, and otherwise like what was.
    ///
    /// - Parameters:
    ///   - rate: expected errors by words.
    ///   - errors: that are expected of the set.
    ///   - replicateErrors: the same by each replicate.
    ///   - groupShares: the sum of the squares of the groups' shares of the expected errors.
    package func interval(
        rate: Double, errors: Double, replicateErrors: [Double], groupShares: Double
    ) -> ClosedRange<Double> {
        guard errors > 0 else { return 0...max(0, rate) }
        var variance =
            dispersion / errors + groupVariance * groupShares + (domainVariance ?? 0)
        if replicateErrors.count > 1 {
            let count = Double(replicateErrors.count)
            let mean = replicateErrors.reduce(0, +) / count
            let squares = replicateErrors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            variance += squares / (count - 1) / (errors * errors)
        }
        let reach = exp(1.96 * log(1 + variance).squareRoot())
        return rate / reach...rate * reach
    }
}

/// How often a replicate takes a row or group: a Poisson distribution of mean one, by numbers that follow
/// from the seed.
enum PoissonDraws {
    static func weight(seed: UInt64, _ replicate: Int, block: Int) -> Int {
        let key = mixed(seed &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(truncatingIfNeeded: replicate + 1))
        let bits = mixed(key ^ mixed(UInt64(truncatingIfNeeded: block) &+ 0xD1B5_4A32_D192_ED03))
        let share = Double(bits >> 11) / 0x1p53
        var (probability, cumulated, count) = (0.367_879_441_171_442_33, 0.0, 0)
        cumulated = probability
        while share > cumulated, count < 12 {
            count += 1
            probability /= Double(count)
            cumulated += probability
        }
        return count
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
