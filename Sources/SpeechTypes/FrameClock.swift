/// When a model's frames are: samples to frames and back, and the chunks that recordings are cut into.
///
/// A model's own; whatever counts in frames asks it. Chunks are equally long in time for all models, so that
/// parts of a cluster that know no model can count in them.
package struct FrameClock: Hashable, Sendable {
    /// Samples a second of all audio here; models of half that rate take every second sample.
    package static let sampleRate = 16_000
    /// Samples that one chunk of longer audio owns: 30 s.
    package static let chunkSamples = 480_000
    /// Samples of context on each side of a chunk, computed and discarded: 2.4 s.
    package static let contextSamples = 38_400
    /// Audio of at most as many frames as begin in so many samples (37.2 s) is computed in one pass.
    package static let onePassSamples = 595_200

    /// Samples from the start of one frame to the start of the next.
    package let samplesPerFrame: Int
    /// Samples that one frame sees: frame k covers [samplesPerFrame · k, samplesPerFrame · k + receptiveField).
    package let receptiveField: Int

    /// - Returns: nil where chunks and their context are no whole frames.
    package init?(samplesPerFrame: Int, receptiveField: Int) {
        guard (1...Self.contextSamples).contains(samplesPerFrame),
            (1...Self.contextSamples).contains(receptiveField),
            Self.contextSamples.isMultiple(of: samplesPerFrame),
            Self.chunkSamples.isMultiple(of: samplesPerFrame),
            Self.onePassSamples.isMultiple(of: samplesPerFrame)
        else { return nil }
        self.init(step: samplesPerFrame, field: receptiveField)
    }

    private init(step: Int, field: Int) {
        samplesPerFrame = step
        receptiveField = field
    }

    /// A frame every 20 ms that sees 25 ms: wav2vec 2.0 and most of its relatives.
    package static let wav2vec2 = FrameClock(step: 320, field: 400)

    /// Audio of at most this many frames (37.2 s) is computed in one pass.
    package var onePassFrames: Int { Self.onePassSamples / samplesPerFrame }
    /// Frames that one chunk of longer audio owns; at 20 ms divisible by hourglass factors 2 to 6.
    package var chunkFrames: Int { Self.chunkSamples / samplesPerFrame }
    /// Frames of context on each side of a chunk, computed and discarded.
    package var contextFrames: Int { Self.contextSamples / samplesPerFrame }

    /// Frames of `samples` samples: 0 below one receptive field.
    package func frames(ofSamples samples: Int) -> Int {
        samples < receptiveField ? 0 : (samples - receptiveField) / samplesPerFrame + 1
    }

    /// Samples that `frames` frames cover.
    package func samples(ofFrames frames: Int) -> Int {
        frames == 0 ? 0 : (frames - 1) * samplesPerFrame + receptiveField
    }
}
