package import SpeechTypes

/// Symbols to text, and to the words of that text.
///
/// Text is put together scalar by scalar, as the references do: a vowel sign after a delimiter is a
/// symbol of its own, while a `Character` of Swift would be the delimiter and the sign together. Each
/// scalar remembers its symbol, so that words know their frames whatever became of the text.
package struct TextAssembler: Sendable {
    private let vocabulary: Vocabulary
    /// The delimiter's text; empty where there is none.
    private let delimiter: [Unicode.Scalar]
    /// Nil where symbols are whole words or letters.
    private let pieces: PieceJoiner?

    package init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        pieces = vocabulary.rules.assembly == .pieces ? PieceJoiner(vocabulary) : nil
        delimiter =
            vocabulary.wordDelimiter.map { Array(vocabulary.symbols[$0].unicodeScalars) } ?? []
    }

    /// The transcript of output records: words joined by single spaces, nothing at the ends, special
    /// symbols left out of the text, in the case that the vocabulary asks for.
    ///
    /// - Parameter score: stands in the transcript.
    package func transcript(
        of symbols: [Transcript.Symbol], score: Double = 0
    ) -> Transcript {
        // Special symbols go last, since the references take case and punctuation in their presence.
        let scalars = assembled(symbols, printsSpecials: false).filter { $0.scalar != nil }
        var text = String.UnicodeScalarView()
        var words: [Transcript.Word] = []
        var end = 0
        for word in scalars.split(whereSeparator: \.isSpace) {
            if !words.isEmpty {
                text.append(" ")
                end += 1
            }
            let start = end
            var (first, last) = (Int32.max, Int32.min)
            for traced in word {
                guard let scalar = traced.scalar else { continue }
                text.append(scalar)
                end += UTF8.width(scalar)
                first = min(first, traced.firstSymbol)
                last = max(last, traced.symbol)
            }
            words.append(.init(utf8: start..<end, symbols: Int(first)..<Int(last) + 1))
        }
        return Transcript(text: String(text), symbols: symbols, words: words, score: score)
    }

    /// The text exactly as the reference prints it: special symbols included, spaces at the ends too
    /// where the reference leaves them.
    package func referenceText(of symbols: [Transcript.Symbol]) -> String {
        let scalars = assembled(symbols, printsSpecials: true).lazy.compactMap(\.scalar)
        return String(String.UnicodeScalarView(scalars))
    }

    /// The text before white space is squeezed.
    private func assembled(
        _ symbols: [Transcript.Symbol], printsSpecials: Bool
    ) -> [TracedScalar] {
        if let pieces { return pieces.text(of: symbols, printsUnknown: printsSpecials) }
        let rules = vocabulary.rules
        let delimiterScalars = Array(rules.delimiterText.unicodeScalars)
        var text: [TracedScalar] = []
        var isFirst = true
        for (position, symbol) in symbols.enumerated() {
            func append(_ scalar: Unicode.Scalar?) {
                text.append(TracedScalar(scalar: scalar, symbol: Int32(position)))
            }
            let isDelimiter = symbol.index == vocabulary.wordDelimiter
            if rules.assembly == .phonemes {
                if isDelimiter { continue }
                if !isFirst { append(" ") }
                isFirst = false
            }
            if isDelimiter {
                for scalar in delimiterScalars { append(scalar) }
            } else if !printsSpecials, vocabulary.specials.contains(symbol.index) {
                append(nil)
            } else {
                text += scalars(of: symbol.index, at: Int32(position))
            }
        }
        if rules.assembly == .labels { return text }
        text = text.trimmingPythonSpace()
        if rules.isLowercasing { text = text.lowercased() }
        return rules.tightensPunctuation ? text.tighteningPunctuation() : text
    }

    private func scalars(of index: Int, at position: Int32) -> [TracedScalar] {
        let scalars = vocabulary.symbols[index].unicodeScalars.map {
            TracedScalar(scalar: $0, symbol: position)
        }
        guard vocabulary.rules.assembly == .labels, !delimiter.isEmpty else { return scalars }
        return scalars.substituting(
            delimiter, with: Array(vocabulary.rules.delimiterText.unicodeScalars))
    }
}
