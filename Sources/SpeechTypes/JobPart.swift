/// One of several parts that a manifest is cut into, by ordinal: `2/3`.
///
/// Each part is a job of its own; their outputs, one after the other, are that of the whole.
package struct JobPart: Hashable, Sendable {
    /// From 1 to ``count``.
    package let number: Int
    package let count: Int

    /// More parts than anyone needs: a hundred million hours take some 720.
    private static let countMax = 100_000

    /// Nil unless `number` is one of `count` parts.
    package init?(number: Int, count: Int) {
        guard (1...Self.countMax).contains(count), (1...count).contains(number) else { return nil }
        self.number = number
        self.count = count
    }

    /// Reads `2/3`.
    package init?(_ text: String) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let number = numbers[0], let count = numbers[1] else {
            return nil
        }
        self.init(number: number, count: count)
    }

    package var text: String { "\(number)/\(count)" }

    /// The ordinals of this part in a manifest of `rowCount` rows: as many as in any other part, or
    /// one more or less.
    package func rows(of rowCount: Int) -> Range<Int> {
        // Rows have 32 bits and parts 17, so the products fit.
        rowCount * (number - 1) / count..<rowCount * number / count
    }
}
