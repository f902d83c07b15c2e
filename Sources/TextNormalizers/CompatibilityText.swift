internal import Foundation

/// Letters without marks, and symbols as spaces, as whisper's normaliser makes them.
enum CompatibilityText {
    /// Compatibility decomposition (NFKD) without marks; other marks, symbols and punctuation are spaces,
    /// but for `keeping`.
    static func simplified(_ text: ScalarText, keeping kept: Set<Unicode.Scalar>) -> ScalarText {
        var result: ScalarText = []
        result.reserveCapacity(text.count)
        for scalar in decomposed(text) {
            if kept.contains(scalar) {
                result.append(scalar)
            } else if scalar.value < 0x80, scalar.isWordCharacter, scalar != "_" {
                result.append(scalar)
            } else if let letters = letters[scalar] {
                result += letters
            } else {
                switch scalar.properties.generalCategory {
                case .nonspacingMark: break
                case .spacingMark, .enclosingMark, .mathSymbol, .currencySymbol, .modifierSymbol,
                    .otherSymbol, .connectorPunctuation, .dashPunctuation, .openPunctuation,
                    .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation:
                    result.append(" ")
                default: result.append(scalar)
                }
            }
        }
        return result
    }

    private static func decomposed(_ text: ScalarText) -> ScalarText {
        if text.allSatisfy({ $0.value < 0x80 }) { return text }
        return ScalarText(text.string.decomposedStringWithCompatibilityMapping)
    }

    /// Letters that no decomposition takes apart.
    private static let letters: [Unicode.Scalar: ScalarText] = [
        "œ": ["o", "e"], "Œ": ["O", "E"], "ø": ["o"], "Ø": ["O"], "æ": ["a", "e"],
        "Æ": ["A", "E"], "ß": ["s", "s"], "ẞ": ["S", "S"], "đ": ["d"], "Đ": ["D"], "ð": ["d"],
        "Ð": ["D"], "þ": ["t", "h"], "Þ": ["t", "h"], "ł": ["l"], "Ł": ["L"],
    ]
}
