package import SpeechTypes

/// What became of a row: everything that its record says besides the row's own members.
package struct RecordContent: Hashable, Sendable {
    /// One for each channel where each has a transcript of its own, otherwise one.
    package var lanes: [LaneContent] = []
    /// The record lists the channels.
    package var isEachChannel = false
    /// Seconds of decoded audio, from 0 to a billion.
    package var decodedSeconds = 0.0
    package var audioWarning: AudioWarning?
    /// Why there is no transcript; nil for a transcribed row.
    package var failure: FailureCode?
    /// The line, where it is not a JSON object.
    var unreadableLine: UnreadableLine?

    /// A transcribed row.
    ///
    /// - Precondition: one lane, unless `isEachChannel`.
    package init(
        lanes: [LaneContent], isEachChannel: Bool, decodedSeconds: Double,
        audioWarning: AudioWarning? = nil
    ) {
        precondition(isEachChannel || lanes.count == 1, "one text, unless each channel has its own")
        self.lanes = lanes
        self.isEachChannel = isEachChannel
        self.decodedSeconds = decodedSeconds
        self.audioWarning = audioWarning
    }

    /// A row without a transcript.
    init(failure: FailureCode) { self.failure = failure }

    /// Nothing yet, to be read from a record.
    init(isEachChannel: Bool) { self.isEachChannel = isEachChannel }

    var status: RowStatus { failure?.status ?? .transcribed }
}

/// What a record says of one channel, or of all of them together.
package struct LaneContent: Hashable, Sendable {
    package var text: String

    package init(text: String) { self.text = text }
}

/// A line that is not one JSON object.
struct UnreadableLine: Hashable, Sendable {
    /// 1-based, blank lines included.
    var number: Int
    /// As much of it as may be shown, as text.
    var text: String
}
