/// Rows whose audio is that of an earlier row: pairs that depend on the input alone.
package struct DuplicateRows: Hashable, Sendable {
    /// A row, and the lowest row with the same audio.
    package struct Pair: Hashable, Sendable {
        package var first: UInt32
        package var duplicate: UInt32

        package init(first: UInt32, duplicate: UInt32) {
            self.first = first
            self.duplicate = duplicate
        }
    }

    /// By first row, then by duplicate.
    package let pairs: [Pair]
    /// By duplicate.
    private let byDuplicate: [Pair]

    /// - Precondition: no row is twice a duplicate, or a duplicate and a first one.
    package init(_ pairs: [Pair] = []) {
        self.pairs = pairs.sorted { ($0.first, $0.duplicate) < ($1.first, $1.duplicate) }
        byDuplicate = pairs.sorted { $0.duplicate < $1.duplicate }
    }

    /// The rows that wait for `ordinal`, in order.
    package func duplicates(of ordinal: Int) -> [Int] {
        let start = Self.lowerBound(pairs) { Int($0.first) < ordinal }
        return pairs[start...].prefix { $0.first == ordinal }.map { Int($0.duplicate) }
    }

    /// The row that `ordinal` waits for; nil if it is no duplicate.
    package func first(of ordinal: Int) -> Int? {
        let place = Self.lowerBound(byDuplicate) { Int($0.duplicate) < ordinal }
        guard place < byDuplicate.count, byDuplicate[place].duplicate == ordinal else { return nil }
        return Int(byDuplicate[place].first)
    }

    private static func lowerBound(_ pairs: [Pair], _ isBefore: (Pair) -> Bool) -> Int {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(pairs[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
