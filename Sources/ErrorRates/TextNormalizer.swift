/// What is done to both texts before they are compared; a figure means nothing without its name.
package enum TextNormalizer: String, CaseIterable, Sendable {
    /// White space only: words are what stands between spaces, as Python's `split` sees it. Words and
    /// characters are equal if their code points are, as in jiwer and NeMo: a composed é is not a
    /// decomposed one.
    case none
    /// Upper case as Unicode maps it; punctuation and symbols become spaces, except an apostrophe
    /// between letters; typographic apostrophes are plain ones. Numbers are left as they stand.
    ///
    /// Characters are what readers see: a letter with its marks is one, and canonically equivalent
    /// spellings of it are equal.
    case basic

    /// The words of `text`.
    ///
    /// Both work on scalars: a vowel sign after a space would be one `Character` with it, and vanish.
    package func words(_ text: String) -> [String] {
        let scalars =
            self == .none
            ? Array(text.unicodeScalars) : Self.basic(Array(text.uppercased().unicodeScalars))
        return scalars.split(whereSeparator: Self.isSpace).map {
            String(String.UnicodeScalarView($0))
        }
    }

    /// Edits from one text's words to the other's, and from its characters to the other's; a single
    /// space between words is a character.
    package func edits(
        reference: String, hypothesis: String
    ) -> (words: EditCounts, characters: EditCounts) {
        let texts = (words(reference), words(hypothesis))
        switch self {
        case .none:
            let words = (texts.0.map { Array($0.utf8) }, texts.1.map { Array($0.utf8) })
            return (
                EditAlignment.counts(reference: words.0, hypothesis: words.1),
                EditAlignment.counts(
                    reference: Array(texts.0.joined(separator: " ").unicodeScalars),
                    hypothesis: Array(texts.1.joined(separator: " ").unicodeScalars))
            )
        case .basic:
            // Each word alone: a mark at its beginning must not join the space before it.
            let characters = (
                Array(texts.0.map { Array($0) }.joined(separator: [" "])),
                Array(texts.1.map { Array($0) }.joined(separator: [" "]))
            )
            return (
                EditAlignment.counts(reference: texts.0, hypothesis: texts.1),
                EditAlignment.counts(reference: characters.0, hypothesis: characters.1)
            )
        }
    }

    private static func basic(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        for (index, scalar) in scalars.enumerated() {
            if isPartOfWord(scalar) {
                result.append(scalar)
            } else if isApostrophe(scalar), isAfterLetter(scalars[..<index]),
                index + 1 < scalars.count, scalars[index + 1].properties.isAlphabetic
            {
                result.append("'")
            } else {
                result.append(" ")
            }
        }
        return result
    }

    /// Letters, numbers, what is written onto them, and the joiners between them.
    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{200C}", "\u{200D}": true
        case let scalar where isApostrophe(scalar): false
        default:
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || isMark(scalar)
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isAfterLetter(_ before: ArraySlice<Unicode.Scalar>) -> Bool {
        before.last { !isMark($0) }?.properties.isAlphabetic == true
    }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "'" || scalar == "\u{2019}" || scalar == "\u{02BC}"
    }

    /// White space as Python's `split` knows it: Unicode's, and four separators of ASCII.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        (0x1C...0x1F).contains(scalar.value) || scalar.properties.isWhitespace
    }
}
