/// What is taken off counts of one, two, and three or more: modified Kneser-Ney (Chen and Goodman 1998,
/// section 5.2; their equation 26).
package struct Discounts: Hashable, Sendable {
    package var one: Float
    package var two: Float
    package var more: Float

    package init(one: Float, two: Float, more: Float) {
        self.one = one
        self.two = two
        self.more = more
    }

    /// What lmplz takes where a text gives none (`--discount_fallback`).
    package static let fallback = Discounts(one: 0.5, two: 1, more: 1.5)

    package func amount(_ count: UInt64) -> Float {
        switch count {
        case 0: 0
        case 1: one
        case 2: two
        default: more
        }
    }

    /// What is left of a count.
    package func applied(to count: UInt64) -> Float { Float(count) - amount(count) }
}

/// How many n-grams of one length have each of the least counts.
package struct CountsOfCounts: Hashable, Sendable {
    /// Of the counts 0 to 4.
    package private(set) var numbers = [UInt64](repeating: 0, count: 5)
    /// All n-grams.
    package private(set) var total = 0
    /// Those that are not cut.
    package private(set) var kept = 0

    package init() {}

    /// - Parameter count: as it decides the discounts.
    package mutating func add(_ count: UInt64, isCut: Bool) {
        total += 1
        if !isCut { kept += 1 }
        if count < 5 { numbers[Int(count)] += 1 }
    }

    /// Why there are no discounts.
    package enum Degenerate: Error, Hashable {
        /// No n-gram has this count.
        case missing(Int)
        case outOfRange(count: Int, discount: Float)
    }

    /// In single precision and in lmplz's order, so that they are its numbers.
    ///
    /// - Throws: where a count does not occur, as in small or artificial texts, or a discount is
    ///   negative or more than the count.
    package func discounts() throws(Degenerate) -> Discounts {
        for count in 1...3 where numbers[count] == 0 { throw .missing(count) }
        let share = Float(numbers[1]) / Float(Double(numbers[1]) + 2 * Double(numbers[2]))
        var amounts: [Float] = []
        for count in 1...3 {
            let discount =
                Float(count)
                - Float(count + 1) * share * Float(numbers[count + 1]) / Float(numbers[count])
            guard discount >= 0, discount <= Float(count) else {
                throw .outOfRange(count: count, discount: discount)
            }
            amounts.append(discount)
        }
        return Discounts(one: amounts[0], two: amounts[1], more: amounts[2])
    }
}
