package import SpeechTypes

/// A recording with all that was said in it.
package struct TranscribedRecording: Sendable {
    /// As the rows have it.
    package let audio: PathBytes
    /// Unique: the file's name without its extension, unless another recording shares that.
    package let id: String
    /// Where a file of its own goes, without an extension: unique, and below the rows' folders.
    package let outputPath: String
    /// In the order of their starts, then of channels, then of lines; each with its unique `id`.
    package var segments: [TranscriptSegment]

    package init(
        audio: PathBytes, id: String, outputPath: String, segments: [TranscriptSegment]
    ) {
        self.audio = audio
        self.id = id
        self.outputPath = outputPath
        self.segments = segments
    }

    /// When the last span ends.
    package var end: MediaTime { segments.map(\.end).max() ?? .zero }

    /// The channels that there are segments of, in order; nil stands for a mix.
    package var channels: [Int?] {
        guard let first = segments.first?.channel, segments.allSatisfy({ $0.channel == first })
        else { return Set(segments.map(\.channel)).sorted { ($0 ?? -1) < ($1 ?? -1) } }
        return [first]
    }
}
