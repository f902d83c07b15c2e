/// Texts as code points, with the classes of characters that Python's regular expressions know.
///
/// The English rules are written down as such expressions; what they do depends on these classes.
typealias ScalarText = [Unicode.Scalar]

extension Unicode.Scalar {
    /// `\w`: letters, numbers and the underscore; marks are none of them.
    var isWordCharacter: Bool {
        if value < 0x80 {
            return isASCIILetter || isASCIIDigit || self == "_"
        }
        if properties.numericType != nil { return true }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            return true
        default: return false
        }
    }

    /// `\s`: white space as Unicode has it, and four separators of ASCII.
    var isSpace: Bool {
        if value < 0x80 { return value == 0x20 || 9...13 ~= value || 0x1C...0x1F ~= value }
        return properties.isWhitespace
    }

    var isASCIIDigit: Bool { "0"..."9" ~= self }

    var isASCIILowercase: Bool { "a"..."z" ~= self }

    private var isASCIILetter: Bool { isASCIILowercase || "A"..."Z" ~= self }
}

extension [Unicode.Scalar] {
    init(_ text: String) { self = Array(text.unicodeScalars) }

    var string: String { String(String.UnicodeScalarView(self)) }

    /// `\b`: whether a word begins or ends before `index`.
    func isWordBoundary(_ index: Int) -> Bool {
        let isWordBefore = index > 0 && self[index - 1].isWordCharacter
        let isWordBehind = index < count && self[index].isWordCharacter
        return isWordBefore != isWordBehind
    }

    func has(_ pattern: ScalarText, at index: Int) -> Bool {
        guard index + pattern.count <= count else { return false }
        for offset in pattern.indices where self[index + offset] != pattern[offset] { return false }
        return true
    }

    /// What stands between white space.
    var words: [ScalarText] { split(whereSeparator: \.isSpace).map(Array.init) }
}
