internal import CTCDecoding
internal import SpeechTypes
internal import Tensors
internal import Threading
internal import Wav2Vec2

/// What a compute thread does: batches of windows to log-probabilities, until the queue ends.
struct ComputeLoop: Sendable {
    let model: SpeechModel
    let queue: WindowQueue
    let options: RecognitionOptions
    let progress: EngineProgress
    /// Shared by all compute threads, so that those without a batch help the others.
    let team: ComputeTeam
    let helpers: HelperScratch

    func run() {
        ComputeThread.prepare()
        var workspace = model.network.makeWorkspace(
            team: team, helpers: helpers, progress: progress)
        while let batch = queue.nextBatch() {
            do {
                try team.computing { try compute(batch, workspace) }
            } catch {
                // One window spoils its batch; alone, each answers for itself.
                team.computing { for item in batch { computeAlone(item, workspace) } }
            }
            // What a recording in one pass took is given back before the next such row may begin.
            if batch.contains(where: { $0.frames > FrameGrid.onePassFrames }) {
                workspace = model.network.makeWorkspace(team: team, helpers: helpers)
            }
        }
    }

    private func compute(_ batch: [WindowQueue.Item], _ workspace: ModelWorkspace) throws {
        let results = try model.network.logProbabilities(
            of: batch.map { item in
                AudioWindow(
                    samples: item.window.samples,
                    paddedFrames: options.hourglassPadding == .batch ? .max : nil)
            },
            blank: BlankAdjustment(options, blank: model.vocabulary.blank), workspace: workspace)
        let samples = batch.reduce(0) {
            $0 + $1.window.framesToKeep * FrameGrid.samplesPerFrame
        }
        progress.computed(milliseconds: samples * 1_000 / FrameGrid.sampleRate)
        for (item, result) in zip(batch, results) {
            item.row.add(
                LogProbabilities(result, owned: item.window), of: item.window, lane: item.lane)
        }
    }

    private func computeAlone(_ item: WindowQueue.Item, _ workspace: ModelWorkspace) {
        do {
            try compute([item], workspace)
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

extension LogProbabilities {
    /// The frames of `result` [frames, classes] that `window` owns; its context is left out.
    init(_ result: Tensor, owned window: ChunkGrid.Window) {
        let classes = result.shape[1]
        let start = window.framesToDrop * classes
        let count = window.framesToKeep * classes
        self.init(
            frames: window.framesToKeep, classes: classes,
            values: result.withValues { Array($0[start..<start + count]) })
    }
}
