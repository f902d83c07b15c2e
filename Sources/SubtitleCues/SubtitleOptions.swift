/// How subtitles are cut; the defaults are what broadcasters ask for.
package struct SubtitleOptions: Hashable, Sendable {
    /// Columns of a line, of which a wide character takes two.
    package var columnsMax = 42
    /// Lines are kept this short where that costs nothing else.
    package var columnsPreferred = 37
    package var linesMax = 2
    /// Shown at least this long, where the next subtitle leaves the time.
    package var millisecondsMin = 800
    package var millisecondsMax = 7_000
    /// A silence this long is a good place for a cut.
    package var pauseMilliseconds = 500
    /// Nothing is shown over a silence this long, between words or at the edges of a row: the first subtitle
    /// of a row begins with the row, and the last ends with it, if the silence there is shorter.
    package var gapMilliseconds = 1_500

    package init() {}

    /// What is wrong with the numbers; nil if they can be kept.
    package var problem: String? {
        if !(1...1_000).contains(columnsMax) { return "a line has 1 to 1000 columns" }
        if !(1...columnsMax).contains(columnsPreferred) {
            return "the preferred length of a line is at most the greatest"
        }
        if !(1...10).contains(linesMax) { return "a subtitle has 1 to 10 lines" }
        if !(1...3_600_000).contains(millisecondsMax) {
            return "a subtitle is shown for at most an hour"
        }
        if !(1...millisecondsMax).contains(millisecondsMin) {
            return "the shortest time of a subtitle is at most the longest"
        }
        return nil
    }
}

/// A subtitle: what is shown from when to when.
package struct Cue: Hashable, Sendable {
    package var startMilliseconds: Int
    package var endMilliseconds: Int
    package var lines: [String]
    /// Which of the utterances it belongs to.
    package var utterance: Int

    package init(
        startMilliseconds: Int, endMilliseconds: Int, lines: [String], utterance: Int
    ) {
        self.startMilliseconds = startMilliseconds
        self.endMilliseconds = endMilliseconds
        self.lines = lines
        self.utterance = utterance
    }
}

/// What is said in one span, from the beginning of the recording.
package struct Utterance: Hashable, Sendable {
    package struct Word: Hashable, Sendable {
        package var text: String
        package var startMilliseconds: Int
        package var endMilliseconds: Int

        package init(text: String, startMilliseconds: Int, endMilliseconds: Int) {
            self.text = text
            self.startMilliseconds = startMilliseconds
            self.endMilliseconds = endMilliseconds
        }
    }

    package var startMilliseconds: Int
    package var endMilliseconds: Int
    /// Single spaces, or none, between words.
    package var text: String
    /// In order of time; nil where only the span is known.
    package var words: [Word]?
    /// In order of time, where they are known: what words of scripts without spaces are cut by.
    package var characters: [Word] = []

    package init(
        startMilliseconds: Int, endMilliseconds: Int, text: String, words: [Word]? = nil
    ) {
        self.startMilliseconds = startMilliseconds
        self.endMilliseconds = endMilliseconds
        self.text = text
        self.words = words
    }
}
