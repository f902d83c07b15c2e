internal import SpeechTypes

/// How long windows around speech are, in frames of the model (20 ms).
package struct SpeechWindowLimits: Hashable, Sendable {
    /// Frames of a window, with its context: what one pass of the model takes.
    package var framesMax = FrameGrid.onePassFrames
    /// Frames that are computed on each side of a cut within speech, and left out.
    package var contextFrames = FrameGrid.contextFrames
    /// Frames that are computed before and after speech, because it is found late and lost early.
    package var marginFrames = 40
    /// A recording of so few frames is a window of its own, with or without speech: a single short word has
    /// ended before it is found, and a margin would be as long.
    package var wholeFramesMax = 50
    /// Frames in which the best place for a cut is looked for.
    package var searchFrames = 240
    /// Around a cut, as many frames on each side are to be quiet.
    package var quietFrames = 3
    /// What is quiet has at most this share of the mean energy of the frames that are searched.
    package var quietShare = 0.1

    package init() {}

    /// Frames that a window between two cuts owns at most.
    var coreFramesMax: Int { framesMax - 2 * contextFrames }

    /// Whether windows can be cut by these limits.
    var isPossible: Bool {
        quietFrames > 0 && searchFrames > quietFrames && marginFrames >= 0
            && contextFrames > max(marginFrames, quietFrames)
            && coreFramesMax - searchFrames >= contextFrames
    }
}
