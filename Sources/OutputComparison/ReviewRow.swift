internal import MeasuredRows
package import SpeechTypes
package import TranscriptRows

/// A row as both outputs have it.
package struct ChangedRow: Hashable, Sendable {
    package let ordinal: Int
    package let lineNumber: Int
    package let audio: PathBytes
    package let start: MediaTime
    package let duration: MediaTime?
    package let speaker: String?
    package let text: String
    package let other: String
    /// Words that differ.
    package let edits: Int

    init(_ row: MeasuredRow, _ partner: MeasuredRow, edits: Int) {
        ordinal = row.ordinal
        lineNumber = row.lineNumber
        audio = row.audio
        start = row.start
        duration = row.duration
        speaker = row.speaker
        text = row.text
        other = partner.text
        self.edits = edits
    }

    package var seconds: Double { Double(duration?.nanoseconds ?? 0) / 1e9 }
}

/// A row that a person should listen to.
package struct ReviewRow: Hashable, Sendable {
    package let row: ChangedRow
    /// Errors that a correction would mend: those that a calibration or the record expects, or else the words in which
    /// the two outputs differ, of which at least one is wrong.
    package let errors: Double

    /// What each row takes beside listening to it.
    private static let overheadSeconds = 5.0

    init(_ row: ChangedRow, expectedErrors: Double?) {
        self.row = row
        errors = expectedErrors ?? Double(row.edits)
    }

    /// Errors that are mended in a minute of work.
    package var gain: Double { errors / (row.seconds + Self.overheadSeconds) * 60 }
}
