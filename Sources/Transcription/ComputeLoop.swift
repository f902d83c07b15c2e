internal import AcousticModels
internal import SpeechTypes
internal import Tensors
internal import Threading
internal import WindowCutting

/// What a compute thread does: batches of windows to log-probabilities, until the queue ends.
struct ComputeLoop: Sendable {
    let model: SpeechModel
    let queue: WindowQueue
    let decoding: DecodeStage
    let options: RecognitionOptions
    let progress: EngineProgress
    /// Shared by all compute threads, so that those without a batch help the others.
    let team: ComputeTeam
    let helpers: HelperScratch

    func run() {
        ComputeThread.prepare()
        var workspace = model.network.makeWorkspace(
            team: team, helpers: helpers, progress: progress)
        while let batch = progress.during(.waiting, { queue.nextBatch() }) {
            do {
                deliver(try team.computing { try compute(batch, workspace) }, of: batch)
            } catch {
                // One window spoils its batch; alone, each answers for itself.
                for item in batch { computeAlone(item, workspace) }
            }
            // What a recording in one pass took is given back before the next such row may begin.
            if batch.contains(where: { $0.frames > model.clock.onePassFrames }) {
                workspace = model.network.makeWorkspace(
                    team: team, helpers: helpers, progress: progress)
            }
        }
    }

    private func compute(
        _ batch: [WindowQueue.Item], _ workspace: ModelWorkspace
    ) throws(EngineError) -> [Tensor] {
        let windows = batch.map { item in
            AudioWindow(
                samples: item.window.samples,
                paddedFrames: options.hourglassPadding == .batch ? .max : nil)
        }
        // All of them are of one language.
        let row = batch[0].row
        let network = row.language?.network ?? model.network
        let results = try progress.during(.compute) { () throws(EngineError) in
            try network.logProbabilities(
                of: windows, blank: BlankAdjustment(options, blank: row.blank),
                workspace: workspace)
        }
        let samples = batch.reduce(0) {
            $0 + $1.window.framesToKeep * model.clock.samplesPerFrame
        }
        progress.computed(milliseconds: samples * 1_000 / FrameClock.sampleRate)
        return results
    }

    /// Hands results to the decode stage, which may let this thread wait: not while it counts as
    /// computing, since others may use its core.
    private func deliver(_ results: [Tensor], of batch: [WindowQueue.Item]) {
        for (item, result) in zip(batch, results) {
            decoding.add(result, of: item.window, row: item.row, lane: item.lane)
        }
    }

    private func computeAlone(_ item: WindowQueue.Item, _ workspace: ModelWorkspace) {
        do {
            deliver(try team.computing { try compute([item], workspace) }, of: [item])
        } catch {
            item.row.fail(.engine, .quarantinedEngine, "\(error)")
        }
    }
}

extension BlankAdjustment {
    /// What the job's options ask for, of the class `blank`.
    init(_ options: RecognitionOptions, blank: Int) {
        // A weight of 0 leaves the logit alone in either mode.
        self =
            options.blankWeight == 0
            ? .none : BlankAdjustment(options.blankMode, options.blankWeight, blank: blank)
    }
}
