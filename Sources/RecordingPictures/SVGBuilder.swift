internal import SubtitleCues
internal import TranscriptViews

/// Writes the elements of a picture.
struct SVGBuilder {
    private(set) var text = ""

    mutating func put(_ element: String) {
        text += element
        text += "\n"
    }

    /// - Parameters:
    ///   - x: in tenths of points.
    ///   - anchor: `start`, `middle` or `end`.
    mutating func label(
        _ words: String, x: Int, y: Int, _ kind: String, anchor: String = "start"
    ) {
        let place = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
        put(
            "<text x=\"\(Self.points(x))\" y=\"\(y)\" class=\"\(kind)\"\(place)>"
                + "\(Self.escaped(words))</text>")
    }

    /// Tenths of points as a number, such as `12` and `12.5`.
    static func points(_ tenths: Int) -> String {
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return (tenths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : ".\(rest)")
    }

    /// Text as XML has it, without what a reader of it would refuse or obey.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in TerminalText.line(text).unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            // The two that XML has no place for.
            case "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// The text, or as much of it as has room in so many columns.
    static func shortened(_ text: String, columns: Int) -> String {
        var kept = ""
        var used = 0
        for character in text {
            used += CharacterColumns.count(character)
            if used > columns { return kept.dropLast() + "…" }
            kept.append(character)
        }
        return kept
    }
}
