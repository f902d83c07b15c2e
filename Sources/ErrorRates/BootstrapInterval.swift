/// How far an error rate would move if other blocks of the same kind had been drawn: a bootstrap (Bisani
/// and Ney 2004) in one pass and fixed memory.
///
/// Each replicate takes a block as often as a Poisson distribution of mean one says, which for many
/// blocks is what drawing as many with replacement comes to (Chamandy et al. 2012, "Estimating
/// uncertainty for massive data streams"). How often follows from the seed and the block's name alone, so
/// the interval depends neither on the order of the rows nor on how the rows of a block are spread.
package struct BootstrapInterval: Sendable {
    /// Errors and words of each replicate.
    private var errors: [Int]
    private var words: [Int]
    /// Of a second system, for the difference of both.
    private var otherErrors: [Int]
    private var otherWords: [Int]
    private let seed: UInt64
    private var weights: [UInt8]

    package static let replicatesDefault = 1_000
    package static let replicatesMax = 100_000

    /// - Parameter comparesTwo: whether a second system is drawn with the first.
    package init(replicates: Int, seed: UInt64, comparesTwo: Bool = false) {
        errors = Array(repeating: 0, count: replicates)
        words = errors
        otherErrors = comparesTwo ? errors : []
        otherWords = otherErrors
        weights = Array(repeating: 0, count: replicates)
        self.seed = seed
    }

    package var replicates: Int { errors.count }

    /// Takes some of a block's rows.
    ///
    /// - Parameters:
    ///   - block: the name of what is drawn as a whole, such as a speaker.
    ///   - other: the same rows by the second system, if there is one.
    package mutating func add(
        _ counts: EditCounts, other: EditCounts? = nil, block: some Collection<UInt8>
    ) {
        draw(block)
        for index in weights.indices where weights[index] > 0 {
            let weight = Int(weights[index])
            errors[index] += weight * counts.errors
            words[index] += weight * counts.referenceCount
            if let other, !otherErrors.isEmpty {
                otherErrors[index] += weight * other.errors
                otherWords[index] += weight * other.referenceCount
            }
        }
    }

    /// The middle 95 % of the replicates' rates; nil where there was nothing to err on.
    package var interval: ClosedRange<Double>? {
        Self.middle(
            zip(errors, words).compactMap { $1 == 0 ? nil : Double($0) / Double($1) })
    }

    /// The same of the first system's rate less the second's.
    package var intervalOfDifference: ClosedRange<Double>? {
        var differences: [Double] = []
        for index in otherErrors.indices where words[index] > 0 && otherWords[index] > 0 {
            differences.append(
                Double(errors[index]) / Double(words[index])
                    - Double(otherErrors[index]) / Double(otherWords[index]))
        }
        return Self.middle(differences)
    }

    private static func middle(_ values: [Double]) -> ClosedRange<Double>? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        func quantile(_ share: Double) -> Double {
            let place = share * Double(sorted.count - 1)
            let below = Int(place)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
        }
        return quantile(0.025)...quantile(0.975)
    }

    /// How often each replicate takes the block.
    private mutating func draw(_ block: some Collection<UInt8>) {
        var state = block.reduce(0xCBF2_9CE4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        state = Self.mixed(state ^ Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15))
        var index = 0
        while index < weights.count {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = Self.mixed(state)
            for _ in 0..<4 where index < weights.count {
                weights[index] = Self.poisson[Int(truncatingIfNeeded: bits & 0xFFFF)]
                bits >>= 16
                index += 1
            }
        }
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The inverse of the distribution of mean one, at 65,536 places: 0 is drawn e^-1 of the time.
    private static let poisson: [UInt8] = {
        var table: [UInt8] = []
        table.reserveCapacity(65_536)
        var probability = 0.367_879_441_171_442_33
        var cumulated = probability
        var count: UInt8 = 0
        for place in 0..<65_536 {
            while (Double(place) + 0.5) / 65_536 > cumulated, count < 12 {
                count += 1
                probability /= Double(count)
                cumulated += probability
            }
            table.append(count)
        }
        return table
    }()
}
