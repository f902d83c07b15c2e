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
    /// Whether text becomes lower case.
    package let isLowercasing: Bool

    /// - Precondition: `blank`, `wordDelimiter` and `specials` are indices of `symbols`.
    package init(
        symbols: [String], blank: Int, wordDelimiter: Int?, specials: Set<Int> = [],
        isLowercasing: Bool = false
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
        self.isLowercasing = isLowercasing
    }
}
