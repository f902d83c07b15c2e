/// The most frequent of any number of items, in bounded memory (Misra and Gries 1982).
///
/// Counts are exact until there are more different items than fit; from then on rare ones are dropped, and
/// each count may be low by ``shortfallMax``.
package struct FrequentItems<Item: Hashable & Sendable>: Sendable {
    private var counts: [Item: Int] = [:]
    private let capacity: Int
    package private(set) var shortfallMax = 0
    /// Of all items, dropped or not.
    package private(set) var total = 0

    package init(capacity: Int = 1 << 18) { self.capacity = capacity }

    package mutating func add(_ item: Item) {
        total += 1
        counts[item, default: 0] += 1
        if counts.count > capacity { drop() }
    }

    /// Takes the middle count off all, so that half of them go.
    private mutating func drop() {
        let middle = counts.values.sorted()[counts.count / 2]
        shortfallMax += middle
        counts = counts.compactMapValues { $0 > middle ? $0 - middle : nil }
    }

    /// The `count` most frequent; those that are equally so in the order that `precedes` says.
    package func top(
        _ count: Int, orderedBy precedes: (Item, Item) -> Bool
    ) -> [(item: Item, count: Int)] {
        counts.map { (item: $0.key, count: $0.value) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : precedes($0.item, $1.item) }
            .prefix(count).map { $0 }
    }
}
