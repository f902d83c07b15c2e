/// How wide characters are, and where text may be parted, by what they are (UAX #11 and #14, in short).
package enum CharacterColumns {
    /// Columns of a text on a screen: two for wide characters, none for what only changes another.
    package static func count(_ text: some StringProtocol) -> Int {
        var columns = 0
        for character in text { columns += count(character) }
        return columns
    }

    package static func count(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.value < 0x300 { return first.value < 0x20 ? 0 : 1 }
        if isWide(first) || character.unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.properties.generalCategory {
        case .format, .nonspacingMark, .enclosingMark, .control: return 0
        default: return 1
        }
    }

    /// East Asian Width W or F.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x2614...0x2615,
            0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18D08,
            0x1AFF0...0x1B2FF, 0x1F004, 0x1F0CF, 0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F265,
            0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F7E0...0x1F7EB, 0x1F900...0x1F9FF,
            0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }

    /// Whether the script puts no spaces between words, so that text may be parted at any character.
    package static func needsNoSpaces(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first else { return false }
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x0F00...0x0FFF, 0x1000...0x109F, 0x1780...0x17FF, 0x19E0...0x19FF,
            0x2E80...0x312F, 0x31A0...0x9FFF, 0xA000...0xA4CF, 0xAA60...0xAA7F, 0xF900...0xFAFF,
            0xFE30...0xFE4F, 0xFF01...0xFF0F, 0xFF1A...0xFF20, 0xFF3B...0xFF40, 0xFF5B...0xFF9F,
            0x1AFF0...0x1B2FF, 0x20000...0x3FFFD:
            return true
        default: return false
        }
    }

    /// Characters that begin no line: closing marks, small kana, marks of length and repetition.
    static func beginsNoLine(_ character: Character) -> Bool {
        "、。，．・：；？！)]}）］｝〉》」』】〕〗〙〟’”%％‰°…‥ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶｰ～〜ๆฯ,.;:?!"
            .contains(character)
    }

    /// Characters that end no line: opening marks.
    static func endsNoLine(_ character: Character) -> Bool {
        "([{（［｛〈《「『【〔〖〘〝‘“$¥￥£".contains(character)
    }

    static func endsSentence(_ text: String) -> Bool {
        ends(text, with: ".!?。．！？…؟۔।")
    }

    static func endsClause(_ text: String) -> Bool {
        ends(text, with: ",;:、，；：،؛–—-")
    }

    /// Whether one of `marks` stands at the end, quotes and brackets aside.
    private static func ends(_ text: String, with marks: String) -> Bool {
        let closing = "\"'”’»)]}）］｝」』】"
        return text.last { !closing.contains($0) }.map(marks.contains) ?? false
    }
}
