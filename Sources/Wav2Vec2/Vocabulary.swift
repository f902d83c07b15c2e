/// The symbols that a model's head scores, by class.
package struct Vocabulary: Hashable, Sendable {
    /// One symbol a class; unique.
    package let symbols: [String]
    /// The class of CTC's blank.
    package let blankIndex: Int
    /// The class that separates words; nil where the vocabulary has no word boundary.
    package let wordDelimiterIndex: Int?
    /// Classes that stand for no text: blank, padding, begin, end, unknown.
    package let specialIndices: [Int]
    /// Whether text is lowered after decoding (`do_lower_case`).
    package let lowersCase: Bool

    package init(
        symbols: [String], blankIndex: Int, wordDelimiterIndex: Int?, specialIndices: [Int],
        lowersCase: Bool
    ) {
        self.symbols = symbols
        self.blankIndex = blankIndex
        self.wordDelimiterIndex = wordDelimiterIndex
        self.specialIndices = specialIndices
        self.lowersCase = lowersCase
    }
}
