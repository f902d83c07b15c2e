package import SpeechTypes

/// Symbols to text.
///
/// Text is put together scalar by scalar, as the references do: a vowel sign after a delimiter is a
/// symbol of its own, while a `Character` of Swift would be the delimiter and the sign together.
package struct TextAssembler: Sendable {
    private let vocabulary: Vocabulary
    /// The delimiter's text; empty where there is none.
    private let delimiter: [Unicode.Scalar]

    package init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        delimiter =
            vocabulary.wordDelimiter.map { Array(vocabulary.symbols[$0].unicodeScalars) } ?? []
    }

    /// The text of output records: words joined by single spaces, nothing at the ends, special symbols
    /// left out, in the case that the vocabulary asks for.
    package func text(of hypothesis: Hypothesis) -> String {
        // Special symbols go last, since the references take case and punctuation in their presence.
        let scalars = assembled(hypothesis, printsSpecials: false).lazy.compactMap { $0 }
        let words = scalars.split(whereSeparator: \.isPythonSpace)
        return String(String.UnicodeScalarView(words.joined(separator: [" "])))
    }

    /// The text exactly as the reference prints it: special symbols included, spaces at the ends too
    /// where the reference leaves them.
    package func referenceText(of hypothesis: Hypothesis) -> String {
        let scalars = assembled(hypothesis, printsSpecials: true).lazy.compactMap { $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The text before white space is squeezed; nil stands for a special symbol that is not printed.
    private func assembled(_ hypothesis: Hypothesis, printsSpecials: Bool) -> [Unicode.Scalar?] {
        let rules = vocabulary.rules
        var text: [Unicode.Scalar?] = []
        var isFirst = true
        for symbol in hypothesis.symbols {
            let isDelimiter = symbol.index == vocabulary.wordDelimiter
            if rules.assembly == .phonemes {
                if isDelimiter { continue }
                if !isFirst { text.append(" ") }
                isFirst = false
            }
            if isDelimiter {
                text += rules.delimiterText.unicodeScalars.map { $0 }
            } else if !printsSpecials, vocabulary.specials.contains(symbol.index) {
                text.append(nil)
            } else {
                text += scalars(of: symbol.index)
            }
        }
        if rules.assembly == .labels { return text }
        text = text.trimmingPythonSpace()
        if rules.isLowercasing { text = text.lowercased() }
        return rules.tightensPunctuation ? text.tighteningPunctuation() : text
    }

    private func scalars(of index: Int) -> [Unicode.Scalar?] {
        let scalars: [Unicode.Scalar?] = Array(vocabulary.symbols[index].unicodeScalars)
        guard vocabulary.rules.assembly == .labels, !delimiter.isEmpty else { return scalars }
        return scalars.substituting(
            delimiter, with: Array(vocabulary.rules.delimiterText.unicodeScalars))
    }
}
