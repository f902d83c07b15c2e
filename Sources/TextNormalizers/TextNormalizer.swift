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
    /// The rules of whisper's English normaliser, by which leaderboards compare: lower case, no fillers,
    /// contractions and titles written out, numbers in digits, American spellings, no marks, no
    /// punctuation. Words and characters are equal if their code points are.
    case english

    /// The words of `text`.
    ///
    /// All work on scalars: a vowel sign after a space would be one `Character` with it, and vanish.
    package func words(_ text: String) -> [String] {
        switch self {
        case .none: ScalarText(text).words.map(\.string)
        case .basic: Self.basic(ScalarText(text.uppercased())).words.map(\.string)
        case .english: EnglishNormalizer.words(text)
        }
    }

    /// Whether canonically equivalent spellings are equal, and characters are what readers see.
    package var comparesAsRead: Bool { self == .basic }

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
}
