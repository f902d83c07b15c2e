/// Text of records as a terminal may be given it.
///
/// A terminal obeys control characters: those in a transcript, a file's name or an error could move the
/// cursor, colour what follows, or answer in the user's place. None of them gets through.
package enum TerminalText {
    /// The text in one line: white space is a space, and what a terminal would obey is U+FFFD.
    package static func line(_ text: String) -> String {
        if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { line.append(shown(scalar)) }
        return String(line)
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x20..<0x7F: return scalar
        case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: return " "
        // Joiners and marks of direction are spelling; overrides of direction are not.
        case 0x200C...0x200F, 0x061C: return scalar
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate: return "\u{FFFD}"
        case .spaceSeparator: return " "
        default: return scalar
        }
    }
}
