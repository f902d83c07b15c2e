package import SpeechTypes

/// What became of a row: everything that its record says besides the row's own members.
package struct RecordContent: Hashable, Sendable {
    /// One for each channel where each has a transcript of its own, otherwise one.
    package var lanes: [LaneContent] = []
    /// Which fields the record has.
    package var shape = RecordShape()
    /// What the record would be too long with, and what goes before that.
    package var omitted: RecordOmission?
    /// How many readings the record would be too long with; they go before all others.
    package var omittedReadings: Int?
    /// Seconds of decoded audio, from 0 to a billion.
    package var decodedSeconds = 0.0
    package var audioWarning: AudioWarning?
    /// How the row's text and its audio go together.
    package var alignment: AlignmentContent?
    /// Who speaks after whom, of all lanes.
    package var turns: TimedItems?
    /// The model's name for the language that the row was read in, where rows name theirs.
    package var language: String?
    /// Why there is no transcript; nil for a transcribed row.
    package var failure: FailureCode?
    /// The line, where it is not a JSON object.
    var unreadableLine: UnreadableLine?

    /// A transcribed row.
    ///
    /// - Precondition: one lane, unless the record lists channels.
    package init(
        lanes: [LaneContent], shape: RecordShape = RecordShape(), decodedSeconds: Double,
        audioWarning: AudioWarning? = nil
    ) {
        precondition(
            shape.isEachChannel || lanes.count == 1, "one text, unless each channel has its own")
        self.lanes = lanes
        self.shape = shape
        self.decodedSeconds = decodedSeconds
        self.audioWarning = audioWarning
    }

    /// A row without a transcript.
    init(failure: FailureCode) { self.failure = failure }

    /// Nothing yet, to be read from a record.
    init(shape: RecordShape) { self.shape = shape }

    var status: RowStatus { failure?.status ?? .transcribed }
}

/// What is left out of a record that would be too long, in this order; the raw values stand in records.
package enum RecordOmission: String, CaseIterable, Sendable {
    /// The times of characters.
    case char
    /// Those of words too.
    case word
    /// And how the row's text and its audio go together.
    case alignment
}

/// What a record says of one channel, or of all of them together.
package struct LaneContent: Hashable, Sendable {
    package var text: String
    /// The least confidence of its words, in ten thousandths; nil where there is no word.
    package var confidence: Int?
    package var words: TimedItems?
    package var characters: TimedItems?
    /// What the decoder made of it, the best first, where the job asks for several.
    package var readings: ReadingItems?
    /// The words of each window, where windows lie around speech.
    package var segments: TimedItems?
    /// How the seconds were spent there.
    package var coverage: CoverageContent?
    /// Errors a word that are to be expected, in ten thousandths, 10,000 at most.
    package var expectedErrorRate: Int?
    /// The least probability of its words to be right, in ten thousandths.
    package var calibratedConfidence: Int?

    package init(text: String) { self.text = text }
}

/// A line that is not one JSON object.
struct UnreadableLine: Hashable, Sendable {
    /// 1-based, blank lines included.
    var number: Int
    /// As much of it as may be shown, as text.
    var text: String
}
