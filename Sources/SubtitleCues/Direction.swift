/// Marks for lines of scripts that are written from right to left.
///
/// Text stays in the order in which it is read; players put it in the order in which it is seen, each
/// line by its first letter. A line of a right-to-left subtitle that begins with a letter of another
/// script would be laid out from the left, so it gets a right-to-left mark, and nothing else does.
enum Direction {
    static func marked(_ lines: [String]) -> [String] {
        guard lines.contains(where: { $0.unicodeScalars.contains(where: isRightToLeft) }),
            firstStrong(lines.joined(separator: " ")) == true
        else { return lines }
        return lines.map { firstStrong($0) == false ? "\u{200F}" + $0 : $0 }
    }

    /// Whether the first letter is of a right-to-left script; nil without letters.
    private static func firstStrong(_ text: String) -> Bool? {
        for scalar in text.unicodeScalars {
            if isRightToLeft(scalar) { return true }
            if scalar.properties.isAlphabetic { return false }
        }
        return nil
    }

    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0x200F, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF,
            0x1E800...0x1EFFF:
            // Digits of Arabic are no letters.
            !(0x0660...0x0669 ~= scalar.value || 0x06F0...0x06F9 ~= scalar.value)
        default: false
        }
    }
}
