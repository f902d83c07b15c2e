/// Symbols to text.
package struct TextAssembler: Sendable {
    private let alphabet: Alphabet

    package init(alphabet: Alphabet) { self.alphabet = alphabet }

    /// The text of output records: words joined by single spaces, nothing at the ends, special symbols
    /// left out, in the case that the alphabet asks for.
    package func text(of hypothesis: Hypothesis) -> String {
        let text = hypothesis.symbols.reduce(into: "") { text, symbol in
            if symbol.index == alphabet.wordDelimiter {
                text += " "
            } else if !alphabet.specials.contains(symbol.index) {
                text += alphabet.symbols[symbol.index]
            }
        }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return alphabet.isLowercasing ? words.lowercased() : words
    }

    /// The text exactly as the reference prints it: spaces at the ends and special symbols included.
    package func referenceText(of hypothesis: Hypothesis) -> String {
        let text = hypothesis.symbols.map { alphabet.symbols[$0.index] }.joined()
        guard let wordDelimiter = alphabet.wordDelimiter else { return text }
        return text.split(
            separator: alphabet.symbols[wordDelimiter], omittingEmptySubsequences: false
        ).joined(separator: " ")
    }
}
