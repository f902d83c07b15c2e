package import SpeechTypes

/// What was said in one span of one recording: a row of an output, or one channel of such a row.
package struct TranscriptSegment: Hashable, Sendable {
    /// 1-based, in the output that is exported.
    package var lineNumber: Int
    /// As the row has it: absolute, or relative to the folder of the manifest.
    package var audio: PathBytes
    /// The row's `id`, as it is.
    package var rowID: String?
    package var speaker: String?
    /// Counted from 0; nil for a mix of all channels.
    package var channel: Int?
    /// Whether the row lists its channels, of which this is one.
    package var isOneOfChannels = false
    package var language: String?
    /// Where the span begins in the recording.
    package var start: MediaTime
    package var duration: MediaTime
    package var text: String
    /// With times from ``start``; nil where the record has no word times.
    package var words: TimedWords?
    /// The record's list of words as JSON, in the place of ``words``: for formats that only copy it, where
    /// it is byte for byte what they would write.
    package var wordList: [UInt8]?
    /// With times as ``words``; nil where the record has none or the format does not use them.
    package var characters: TimedWords?
    /// The row's stretches of speech with what was said in each, with times as ``words``; nil where the
    /// record lists none, or they are not used.
    package var segments: TimedWords?
    /// The row that this is a part of; nil for a row of the output.
    package var parent: Parent?
    /// Unique among recordings and spans once ``RecordingGroups`` has given it; empty before.
    package var id = ""

    /// A row of which several were made.
    package struct Parent: Hashable, Sendable {
        /// Its number in the output that is exported, from 0.
        package var row: Int
        package var id: String?

        package init(row: Int, id: String?) {
            self.row = row
            self.id = id
        }
    }

    package init(
        lineNumber: Int, audio: PathBytes, start: MediaTime, duration: MediaTime, text: String,
        words: TimedWords? = nil
    ) {
        self.lineNumber = lineNumber
        self.audio = audio
        self.start = start
        self.duration = duration
        self.text = text
        self.words = words
    }

    package var end: MediaTime { start + duration }

    /// When a word begins and ends, from the beginning of the recording.
    package func start(of word: TimedWord) -> MediaTime { start + word.start }
    package func end(of word: TimedWord) -> MediaTime { start + word.end }

    /// The words, or an error if there should be some.
    ///
    /// - Throws: `missingWords` if the record has a text but no word times.
    package func requiredWords(for format: String) throws(ExportError) -> TimedWords {
        if let words { return words }
        if FlatText.isBlank(text) { return [] }
        throw ExportError.missingWords(line: lineNumber, format: format)
    }
}
