extension Unicode.Scalar {
    /// An apostrophe, plain or typographic.
    var isApostrophe: Bool {
        self == "'" || self == "\u{2019}" || self == "\u{2018}" || self == "\u{02BC}"
            || self == "\u{FF07}"
    }

    /// Punctuation that nobody speaks; `&`, `%`, `@`, `#` and signs of money or of arithmetic are spoken.
    var isSilent: Bool {
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation:
            true
        case .otherPunctuation: !Self.spoken.contains(self)
        // Accents that stand alone, notes and stars, and what has no shape.
        case .modifierSymbol, .format, .control: true
        case .otherSymbol: self == "\u{266A}" || self == "\u{266B}" || self == "\u{2605}"
        default: false
        }
    }

    private static let spoken: Set<Unicode.Scalar> = ["&", "%", "@", "#", "\u{2030}"]

    /// Whether a sentence ends with it.
    var endsSentence: Bool {
        switch self {
        case ".", "!", "?", "\u{2026}", "\u{3002}", "\u{FF01}", "\u{FF1F}", "\u{061F}", "\u{0964}":
            true
        default: false
        }
    }

    /// The Latin letters that this one is without its marks; nil for what is no Latin letter with marks.
    ///
    /// By the names of the Unicode standard: `LATIN SMALL LETTER E WITH ACUTE`.
    var latinBase: String? {
        switch self {
        case "\u{DF}": return "ss"
        case "\u{1E9E}": return "SS"
        default: break
        }
        guard let words = properties.name?.split(separator: " "), words.count >= 4,
            words[0] == "LATIN", words[2] == "LETTER", words[3].utf8.count <= 2,
            words.count == 4 || words[4] == "WITH"
        else { return nil }
        let base = String(words[3])
        guard words.count > 4 || base == "AE" || base == "OE" else { return nil }
        switch words[1] {
        case "CAPITAL": return base
        case "SMALL": return base.lowercased()
        default: return nil
        }
    }

    /// As `U+00E9 (é)`.
    var shown: String {
        let hex = String(value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .spacingMark, .unassigned,
            .privateUse, .surrogate, .lineSeparator, .paragraphSeparator:
            return code
        default: return "\(code) (\(self))"
        }
    }
}
