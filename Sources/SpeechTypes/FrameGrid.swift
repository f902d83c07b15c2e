/// The frame arithmetic that every wav2vec 2.0 model shares; the grid of chunks counts in it.
package enum FrameGrid {
    /// Samples a second that every model here was trained on.
    package static let sampleRate = 16_000
    /// Samples from the start of one frame to the start of the next.
    package static let samplesPerFrame = 320
    /// Samples that one frame sees: frame k covers [320 k, 320 k + 400).
    package static let receptiveField = 400
    /// Audio of at most this many frames (37.2 s) is computed in one pass.
    package static let onePassFrames = 1_860
    /// Frames that one chunk of longer audio owns: divisible by hourglass factors 2 to 6.
    package static let chunkFrames = 1_500
    /// Frames of context on each side of a chunk, computed and discarded.
    package static let contextFrames = 120

    /// Frames of `samples` samples: 0 below one receptive field.
    package static func frames(ofSamples samples: Int) -> Int {
        samples < receptiveField ? 0 : (samples - receptiveField) / samplesPerFrame + 1
    }

    /// Samples that `frames` frames cover.
    package static func samples(ofFrames frames: Int) -> Int {
        frames == 0 ? 0 : (frames - 1) * samplesPerFrame + receptiveField
    }
}
