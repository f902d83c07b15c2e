package import SpeechTypes

/// Which fields the transcribed records of a job have, as far as its options say.
package struct RecordShape: Hashable, Sendable {
    /// The record lists the channels, each with a transcript of its own.
    package var isEachChannel: Bool
    package var timestamps: RecognitionOptions.Timestamps

    package init(
        isEachChannel: Bool = false, timestamps: RecognitionOptions.Timestamps = .none
    ) {
        self.isEachChannel = isEachChannel
        self.timestamps = timestamps
    }

    package init(_ options: RecognitionOptions) {
        isEachChannel = options.channels == .each
        timestamps = options.timestamps
    }

    var hasTimes: Bool { timestamps != .none }
}
