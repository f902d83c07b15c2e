/// The symbols that a model's classes stand for, and how they become text.
///
/// Not `Hashable`: strings compare by canonical equivalence, and canonically equivalent symbols are
/// different classes.
package struct Vocabulary: Sendable {
    /// One symbol a class; where a checkpoint names none for a class, what stands for unknown.
    package let symbols: [String]
    /// The class of CTC's blank.
    package let blank: Int
    /// The class that separates words; nil where there is none, so that text has no spaces.
    package let wordDelimiter: Int?
    /// Classes that stand for no text: padding, begin, end, unknown; the blank need not be among them.
    package let specials: Set<Int>
    package let rules: TextRules
    /// For each class the first one with the same text, which is the same symbol to the decoder.
    ///
    /// Empty where every class is a symbol of its own: by the rules, or because all texts differ.
    package let firstClasses: [Int]

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
        let merges = rules.assembly == .letters || rules.assembly == .phonemes
        firstClasses = merges ? Self.firstClasses(symbols) : []
    }

    /// Whether symbols are pieces of words, of which those that begin a word have the space before it.
    package var hasWordPieces: Bool {
        rules.assembly == .pieces
            && symbols.indices.contains {
                !specials.contains($0) && symbols[$0].utf8.count > 1
                    && symbols[$0].utf8.first == UInt8(ascii: " ")
            }
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
