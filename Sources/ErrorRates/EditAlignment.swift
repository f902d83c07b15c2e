/// The cheapest way from one sequence to another.
///
/// A band around the diagonal is searched, which is widened until the way found is cheaper than any that
/// leaves it (Ukkonen 1985), so two long texts that are much alike take little time.
package enum EditAlignment {
    /// Edits from `reference` to `hypothesis`; memory is a few rows, whatever their lengths.
    package static func counts<Symbol: Hashable>(
        reference: [Symbol], hypothesis: [Symbol], by method: AlignmentMethod = .levenshtein
    ) -> EditCounts {
        let pair = SymbolPair(reference, hypothesis, method)
        var search = AlignmentSearch(pair.reference[...], pair.hypothesis[...], method)
        var counts = search.counts()
        counts.referenceCount = reference.count
        return counts
    }

    /// What becomes of each symbol, in order.
    package static func operations<Symbol: Hashable>(
        reference: [Symbol], hypothesis: [Symbol], by method: AlignmentMethod = .levenshtein
    ) -> [EditOperation] {
        let pair = SymbolPair(reference, hypothesis, method)
        var search = AlignmentSearch(pair.reference[...], pair.hypothesis[...], method)
        return Array(repeating: .hit, count: pair.prefixCount) + search.operations()
            + Array(repeating: .hit, count: pair.suffixCount)
    }

    /// Both sequences as numbers that are equal where the symbols are.
    private struct SymbolPair {
        let reference: [Int32]
        let hypothesis: [Int32]
        private(set) var prefixCount = 0
        private(set) var suffixCount = 0

        init<Symbol: Hashable>(
            _ reference: [Symbol], _ hypothesis: [Symbol], _ method: AlignmentMethod
        ) {
            var (left, right) = (reference[...], hypothesis[...])
            if method == .levenshtein {
                while let first = left.first, first == right.first {
                    left.removeFirst()
                    right.removeFirst()
                    prefixCount += 1
                }
                while let last = left.last, last == right.last {
                    left.removeLast()
                    right.removeLast()
                    suffixCount += 1
                }
            }
            var numbers: [Symbol: Int32] = [:]
            func number(_ symbol: Symbol) -> Int32 {
                if let number = numbers[symbol] { return number }
                let number = Int32(numbers.count)
                numbers[symbol] = number
                return number
            }
            self.reference = left.map(number)
            self.hypothesis = right.map(number)
        }
    }
}
