/// What one context leaves to words that were not seen in it, and gives to those that were.
package struct ContextSmoothing {
    private let discounts: Discounts
    /// Of all words after the context, and of those that are cut.
    private var sum: UInt64 = 0
    private var cut: UInt64 = 0
    /// How many words have counts of one, two, and more.
    private var numbers = (one: 0 as UInt64, two: 0 as UInt64, more: 0 as UInt64)
    package private(set) var hasWords = false

    package init(_ discounts: Discounts) { self.discounts = discounts }

    package mutating func add(_ count: NGramCount) {
        sum += count.count
        guard !count.isCut else {
            cut += count.count
            return
        }
        hasWords = true
        switch count.count {
        case 0: break
        case 1: numbers.one += 1
        case 2: numbers.two += 1
        default: numbers.more += 1
        }
    }

    /// The weight of the shorter context, summed in lmplz's order.
    package var backoff: Float {
        var weight = 0 as Float
        weight += discounts.one * Float(numbers.one)
        weight += discounts.two * Float(numbers.two)
        weight += discounts.more * Float(numbers.more)
        weight += Float(cut)
        return weight / Float(sum)
    }

    /// The word's own part of its probability.
    package func probability(_ count: NGramCount) -> Float {
        discounts.applied(to: count.count) / Float(sum)
    }
}
