package import SpeechTypes

/// Which fields the transcribed records of a job have, as far as its options say.
package struct RecordShape: Hashable, Sendable {
    /// The record lists the channels, each with a transcript of its own.
    package var isEachChannel: Bool
    package var timestamps: RecognitionOptions.Timestamps
    /// Known texts are put on their audio.
    package var isAligned: Bool
    /// Each lane has several readings.
    package var hasReadings: Bool
    /// Windows lie around speech: there are segments, and how the seconds were spent.
    package var hasCoverage: Bool
    /// Records tell who speaks after whom.
    package var hasTurns: Bool
    /// They say what errors are to be expected.
    package var isCalibrated: Bool
    /// Rows name their languages.
    package var hasLanguages: Bool

    package init(
        isEachChannel: Bool = false, timestamps: RecognitionOptions.Timestamps = .none,
        isAligned: Bool = false, hasReadings: Bool = false, hasCoverage: Bool = false,
        hasTurns: Bool = false, isCalibrated: Bool = false, hasLanguages: Bool = false
    ) {
        self.hasTurns = hasTurns
        self.isCalibrated = isCalibrated
        self.hasLanguages = hasLanguages
        self.hasReadings = hasReadings
        self.isEachChannel = isEachChannel
        self.timestamps = timestamps
        self.isAligned = isAligned
        self.hasCoverage = hasCoverage
    }

    package init(_ options: RecognitionOptions) {
        isEachChannel = options.channels == .each
        timestamps = options.timestamps
        isAligned = options.alignment != nil
        hasReadings = options.decoder.readings > 1
        hasCoverage = options.chunking == .speech
        hasTurns = options.hasTurns
        isCalibrated = options.isCalibrated
        hasLanguages = options.languageField != nil
    }

    var hasTimes: Bool { timestamps != .none }
}
