internal import CTCDecoding
internal import Tensors
internal import WindowCutting

/// The log-probabilities of a window, from compute to text.
struct ComputedWindow: Sendable {
    /// [frames, classes], context included; shared with nobody and never copied whole.
    let logProbabilities: Tensor
    /// Position among the windows of the lane.
    let index: Int
    /// Frames that the window owns; those around them are context and are left out.
    let owned: Range<Int>
    /// Frames before them that no window has.
    let skipped: Int
    private let share: FrameShare

    /// - Precondition: `result` has the frames of `window`.
    init(_ result: Tensor, of window: ChunkGrid.Window, share: FrameShare) {
        logProbabilities = result
        self.share = share
        index = window.index
        owned = window.framesToDrop..<window.framesToDrop + window.framesToKeep
        skipped = window.framesSkipped
        precondition(owned.upperBound <= result.shape[0], "a window has the frames that it owns")
    }

    /// Frames that are decoded in one step: no decoder may take longer than seconds for them.
    private static let framesOfPieceMax = 250
    /// Values of a piece, which is copied, where there are very many classes.
    private static let valuesOfPieceMax = 1 << 18

    /// Frames of a piece, of a model with so many classes.
    static func framesOfPiece(classes: Int) -> Int {
        max(1, min(framesOfPieceMax, valuesOfPieceMax / classes))
    }

    /// The owned frames in order, a piece at a time.
    var pieces: some Sequence<LogProbabilities> {
        let classes = logProbabilities.shape[1]
        let step = Self.framesOfPiece(classes: classes)
        return stride(from: owned.lowerBound, to: owned.upperBound, by: step).lazy.map { start in
            let end = Swift.min(start + step, owned.upperBound)
            return LogProbabilities(
                frames: end - start, classes: classes,
                values: logProbabilities.withValues { Array($0[start * classes..<end * classes]) })
        }
    }
}
