/// Scripts that texts may be held to: the blocks of Unicode that their letters stand in.
package enum Script: String, CaseIterable, Sendable {
    case latin, greek, cyrillic, armenian, georgian, hebrew, arabic, devanagari, bengali, tamil
    case telugu, thai, ethiopic, hangul, japanese, chinese

    private var blocks: [ClosedRange<UInt32>] {
        switch self {
        case .latin:
            [
                0x41...0x5A, 0x61...0x7A, 0xAA...0xAA, 0xBA...0xBA, 0xC0...0x24F, 0x250...0x2AF,
                0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF, 0xAB30...0xAB6F,
                0xFF21...0xFF5A,
            ]
        case .greek: [0x370...0x3FF, 0x1F00...0x1FFF]
        case .cyrillic: [0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F]
        case .armenian: [0x530...0x58F]
        case .georgian: [0x10A0...0x10FF, 0x1C90...0x1CBF, 0x2D00...0x2D2F]
        case .hebrew: [0x590...0x5FF, 0xFB1D...0xFB4F]
        case .arabic:
            [0x600...0x6FF, 0x750...0x77F, 0x870...0x8FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF]
        case .devanagari: [0x900...0x97F, 0xA8E0...0xA8FF]
        case .bengali: [0x980...0x9FF]
        case .tamil: [0xB80...0xBFF]
        case .telugu: [0xC00...0xC7F]
        case .thai: [0xE00...0xE7F]
        case .ethiopic: [0x1200...0x139F, 0x2D80...0x2DDF, 0xAB00...0xAB2F]
        case .hangul: [0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF]
        case .japanese:
            [0x3005...0x3007, 0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F] + Self.han
        case .chinese: [0x3005...0x3007, 0x3100...0x312F, 0x31A0...0x31BF] + Self.han
        }
    }

    private static let han: [ClosedRange<UInt32>] = [
        0x2E80...0x2FDF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF,
    ]

    /// Letters of a text that belong to none of the scripts.
    ///
    /// Marks, digits, punctuation and spaces belong to all.
    static func lettersOutside(of scripts: [Script], in text: String) -> Int {
        let blocks = scripts.flatMap(\.blocks)
        return text.unicodeScalars.reduce(0) { count, scalar in
            guard scalar.properties.isAlphabetic, !isMark(scalar) else { return count }
            return blocks.contains { $0.contains(scalar.value) } ? count : count + 1
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
