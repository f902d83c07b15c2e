internal import SubtitleCues

/// Fills lines of a terminal with words, and parts what is wider than a line.
struct LineFiller {
    private let width: Int
    private let marks: ConfidenceMarks
    private(set) var lines: [String] = []
    private var line = ""
    private var columns = 0

    /// - Parameter width: columns of a line, at least one wide character.
    init(width: Int, marks: ConfidenceMarks) {
        self.width = max(8, width)
        self.marks = marks
    }

    /// Adds a word, behind a space unless it begins a line.
    mutating func add(_ word: String, _ level: ConfidenceMarks.Level) {
        let markColumns = marks.columns(level)
        let wordColumns = CharacterColumns.count(word) + markColumns
        if columns > 0, columns + 1 + wordColumns > width { endLine() }
        if wordColumns <= width {
            if columns > 0 {
                line += " "
                columns += 1
            }
            line += marks.marked(word, level)
            columns += wordColumns
            return
        }
        // Scripts without spaces, or an address: parted where the line ends.
        var part = ""
        var partColumns = markColumns
        for character in word {
            let count = CharacterColumns.count(character)
            if partColumns + count > width {
                put(part, level, partColumns)
                endLine()
                part = ""
                partColumns = markColumns
            }
            part.append(character)
            partColumns += count
        }
        if !part.isEmpty { put(part, level, partColumns) }
    }

    mutating func endLine() {
        if columns > 0 { lines.append(line) }
        line = ""
        columns = 0
    }

    private mutating func put(
        _ part: String, _ level: ConfidenceMarks.Level, _ partColumns: Int
    ) {
        line += marks.marked(part, level)
        columns += partColumns
    }
}

/// Texts in columns of a terminal.
enum ColumnText {
    /// The text in exactly `width` columns; what does not fit ends with an ellipsis.
    static func fitted(_ text: String, _ width: Int) -> String {
        let cut = shortened(text, width)
        return cut + String(repeating: " ", count: max(0, width - CharacterColumns.count(cut)))
    }

    /// The text in at most `width` columns.
    static func shortened(_ text: String, _ width: Int) -> String {
        var kept = ""
        var columns = 0
        for character in text {
            let count = CharacterColumns.count(character)
            if columns + count > width {
                while columns + 1 > width, let last = kept.popLast() {
                    columns -= CharacterColumns.count(last)
                }
                return kept + "…"
            }
            kept.append(character)
            columns += count
        }
        return kept
    }
}
