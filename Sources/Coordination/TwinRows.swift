/// Rows whose audio is that of an earlier row: pairs that depend on the input alone.
package struct TwinRows: Hashable, Sendable {
    /// A row, and the lowest row with the same audio.
    package struct Pair: Hashable, Sendable {
        package var first: UInt32
        package var twin: UInt32

        package init(first: UInt32, twin: UInt32) {
            self.first = first
            self.twin = twin
        }
    }

    /// By first row, then by twin.
    package let pairs: [Pair]
    /// By twin.
    private let byTwin: [Pair]

    /// - Precondition: no row is twice a twin, or a twin and a first one.
    package init(_ pairs: [Pair] = []) {
        self.pairs = pairs.sorted { ($0.first, $0.twin) < ($1.first, $1.twin) }
        byTwin = pairs.sorted { $0.twin < $1.twin }
    }

    /// The rows that wait for `ordinal`, in order.
    package func twins(of ordinal: Int) -> [Int] {
        let start = Self.lowerBound(pairs) { Int($0.first) < ordinal }
        return pairs[start...].prefix { $0.first == ordinal }.map { Int($0.twin) }
    }

    /// The row that `ordinal` waits for; nil if it is no twin.
    package func first(of ordinal: Int) -> Int? {
        let place = Self.lowerBound(byTwin) { Int($0.twin) < ordinal }
        guard place < byTwin.count, byTwin[place].twin == ordinal else { return nil }
        return Int(byTwin[place].first)
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
