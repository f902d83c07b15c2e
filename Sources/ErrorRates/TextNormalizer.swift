/// What is done to both texts before they are compared; a figure means nothing without its name.
package enum TextNormalizer: String, CaseIterable, Sendable {
    /// White space only: words are what stands between spaces.
    case none
    /// Upper case as Unicode maps it; punctuation and symbols become spaces, except an apostrophe
    /// between letters; typographic apostrophes are plain ones. Numbers are left as they stand.
    case basic

    /// The words of `text`.
    package func words(_ text: String) -> [String] {
        switch self {
        case .none: text.split(whereSeparator: \.isWhitespace).map(String.init)
        case .basic: Self.basic(text).split(separator: " ").map(String.init)
        }
    }

    private static func basic(_ text: String) -> String {
        let characters = Array(text.uppercased())
        var result = ""
        for (index, character) in characters.enumerated() {
            if character.isLetter || character.isNumber {
                result.append(character)
            } else if isApostrophe(character), index > 0, characters[index - 1].isLetter,
                index + 1 < characters.count, characters[index + 1].isLetter
            {
                result.append("'")
            } else {
                result.append(" ")
            }
        }
        return result
    }

    private static func isApostrophe(_ character: Character) -> Bool {
        character == "'" || character == "\u{2019}" || character == "\u{02BC}"
    }
}
