package import SpeechTypes
package import Tensors
package import Threading

/// A network that scores symbols, frame by frame: waveforms in, log-probabilities out.
///
/// All that knows audio, batches and text asks for no more than this. Immutable, so threads share it; each brings
/// a ``ModelWorkspace``. Utterances of a batch lie end to end without padding, and no utterance's bits depend on
/// the others.
package protocol AcousticModel: Sendable {
    /// When its frames are.
    var clock: FrameClock { get }
    /// Symbols that it scores, blank included.
    var classes: Int { get }
    /// Bytes that the weights take in memory, but for what a language has of its own.
    var weightBytes: Int { get }
    /// Bytes of what the first batches make of the weights and all others read.
    var keptBytes: Int { get }
    /// The arithmetic of its computations, in which every worker of a job agrees.
    var arithmetic: ArithmeticClass { get }

    /// Scratch memory for one computation at a time, empty at first.
    ///
    /// - Parameters:
    ///   - team: helps where it has idle threads; without one the caller computes alone.
    ///   - helpers: the helpers' own memory, where the team has several callers; otherwise made here.
    ///   - clock: is told where the caller's time goes.
    ///   - progress: is told of every piece that is computed.
    func makeWorkspace(
        team: ComputeTeam?, helpers: HelperScratch?, clock: StageClock?, progress: EngineProgress?
    ) -> ModelWorkspace

    /// Log-probabilities [frames, classes] of each window, in order.
    ///
    /// A window has the frames that ``clock`` counts in its samples. The calling thread has called
    /// ``ComputeThread/prepare()``.
    ///
    /// - Parameters:
    ///   - workspace: of this model and of the calling thread.
    ///   - observer: is shown each stage, the utterance's index, and its frames.
    /// - Throws: if a result is not finite.
    func logProbabilities(
        of windows: [AudioWindow], blank: BlankAdjustment, workspace: ModelWorkspace,
        observer: ((Stage, Int, Tensor) -> Void)?
    ) throws(EngineError) -> [Tensor]

    /// Bytes of scratch memory that a batch needs where one thread computes it, for planning.
    ///
    /// - Parameter framesOfWindows: of each window.
    func workspaceBytes(framesOfWindows: [Int]) -> Int

    /// Bytes that each who computes parts of a batch has alone.
    ///
    /// - Parameter longest: frames of the longest window.
    func memberBytes(longest: Int) -> Int

    /// Operations that the products of one utterance take, two for each multiply-add, by part.
    func operations(ofSamples samples: Int) -> [ModelPart: Double]

    /// Operations that one utterance takes in the way that they are computed, by part.
    func computedOperations(ofSamples samples: Int) -> [ModelPart: OperationCounts]
}

extension AcousticModel {
    package var keptBytes: Int { 0 }

    package func makeWorkspace(
        team: ComputeTeam? = nil, helpers: HelperScratch? = nil, clock: StageClock? = nil,
        progress: EngineProgress? = nil
    ) -> ModelWorkspace {
        makeWorkspace(team: team, helpers: helpers, clock: clock, progress: progress)
    }

    package func logProbabilities(
        of windows: [AudioWindow], blank: BlankAdjustment, workspace: ModelWorkspace
    ) throws(EngineError) -> [Tensor] {
        try logProbabilities(of: windows, blank: blank, workspace: workspace, observer: nil)
    }
}
