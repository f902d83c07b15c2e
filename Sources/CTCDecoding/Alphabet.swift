/// The symbols that a model's classes stand for, and how they become text.
package struct Alphabet: Hashable, Sendable {
    /// Symbols by class index.
    package let symbols: [String]
    /// The class that means "nothing here".
    package let blank: Int
    /// The class that separates words; nil if the alphabet has none, so that text has no spaces.
    package let wordDelimiter: Int?
    /// Classes that are no text, such as `<pad>`; the blank need not be among them.
    package let specials: Set<Int>
    package let rules: TextRules
    /// Classes by the first one that has the same text; empty where every class is its own.
    let firstClasses: [Int]

    /// - Precondition: `blank`, `wordDelimiter` and `specials` are indices of `symbols`.
    package init(
        symbols: [String], blank: Int, wordDelimiter: Int?, specials: Set<Int> = [],
        rules: TextRules = TextRules()
    ) {
        precondition(symbols.indices.contains(blank), "the blank is one of the symbols")
        precondition(
            wordDelimiter.map(symbols.indices.contains) ?? true,
            "the word delimiter is one of the symbols")
        precondition(specials.allSatisfy(symbols.indices.contains), "specials are symbols")
        self.symbols = symbols
        self.blank = blank
        self.wordDelimiter = wordDelimiter
        self.specials = specials
        self.rules = rules
        firstClasses = rules.assembly == .labels ? [] : Self.firstClasses(symbols)
    }

    private static func firstClasses(_ symbols: [String]) -> [Int] {
        // Bytes, since canonically equivalent symbols are different ones.
        var known: [[UInt8]: Int] = [:]
        let first = symbols.enumerated().map { index, symbol in
            let bytes = Array(symbol.utf8)
            if let earlier = known[bytes] { return earlier }
            known[bytes] = index
            return index
        }
        return known.count == symbols.count ? [] : first
    }
}
