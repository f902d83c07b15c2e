/// How words are marked that the model was not sure of.
package struct ConfidenceMarks: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        /// Yellow and underlined, or red, bold and underlined.
        case colour
        /// In brackets, or in double ones: for terminals without colour, files and pipes.
        case plain
    }

    package enum Level: Hashable, Sendable {
        case sure, doubtful, poor
    }

    package var style: Style
    /// In ten thousandths: words below it are marked.
    package var doubtful: Int
    /// Words below it are marked more.
    package var poor: Int

    package init(style: Style, doubtful: Int = 8_000, poor: Int = 5_000) {
        self.style = style
        self.doubtful = doubtful
        self.poor = poor
    }

    package func level(of confidence: Int?) -> Level {
        guard let confidence else { return .sure }
        return confidence < poor ? .poor : confidence < doubtful ? .doubtful : .sure
    }

    func marked(_ text: String, _ level: Level) -> String {
        switch (style, level) {
        case (_, .sure): text
        case (.colour, .doubtful): "\u{1B}[4;33m\(text)\u{1B}[0m"
        case (.colour, .poor): "\u{1B}[1;4;31m\(text)\u{1B}[0m"
        case (.plain, .doubtful): "[\(text)]"
        case (.plain, .poor): "[[\(text)]]"
        }
    }

    /// Columns that a mark takes, besides the word's.
    func columns(_ level: Level) -> Int {
        guard style == .plain else { return 0 }
        switch level {
        case .sure: return 0
        case .doubtful: return 2
        case .poor: return 4
        }
    }

    /// What is less important than the text.
    func dimmed(_ text: String) -> String {
        style == .colour ? "\u{1B}[2m\(text)\u{1B}[0m" : text
    }

    func emphasized(_ text: String) -> String {
        style == .colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    /// What the marks mean.
    var legend: String {
        "\(marked("word", .doubtful)) confidence below \(ViewNumbers.share(doubtful)), "
            + "\(marked("word", .poor)) below \(ViewNumbers.share(poor))"
    }
}
