package import SpeechTypes

/// How long windows around speech are, in frames of the model.
package struct SpeechWindowLimits: Hashable, Sendable {
    /// Frames of a window, with its context: what one pass of the model takes.
    package var framesMax: Int
    /// Frames that are computed on each side of a cut within speech, and left out.
    package var contextFrames: Int
    /// Frames that are computed before and after speech, because it is found late and lost early.
    package var marginFrames: Int
    /// A recording of so few frames is a window of its own, with or without speech: a single short word has
    /// ended before it is found, and a margin would be as long.
    package var wholeFramesMax: Int
    /// Frames in which the best place for a cut is looked for.
    package var searchFrames: Int
    /// Around a cut, as many frames on each side are to be quiet.
    package var quietFrames: Int
    /// What is quiet has at most this share of the mean energy of the frames that are searched.
    package var quietShare = 0.1

    /// What of a recording that is, in frames of a model with this clock.
    package init(_ clock: FrameClock = .wav2vec2) {
        /// Of so many milliseconds.
        func frames(_ milliseconds: Int) -> Int {
            max(1, milliseconds * FrameClock.sampleRate / 1_000 / clock.samplesPerFrame)
        }
        framesMax = clock.onePassFrames
        contextFrames = clock.contextFrames
        marginFrames = frames(800)
        wholeFramesMax = frames(1_000)
        searchFrames = frames(4_800)
        quietFrames = frames(60)
    }

    /// Frames that a window between two cuts owns at most.
    var coreFramesMax: Int { framesMax - 2 * contextFrames }

    /// Whether windows can be cut by these limits.
    var isPossible: Bool {
        quietFrames > 0 && searchFrames > quietFrames && marginFrames >= 0
            && contextFrames > max(marginFrames, quietFrames)
            && coreFramesMax - searchFrames >= contextFrames
    }
}
