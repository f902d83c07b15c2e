internal import CTCDecoding
internal import SpeechTypes
internal import Tensors
internal import Wav2Vec2

/// What a compute thread does: batches of windows to log-probabilities, until the queue ends.
struct ComputeLoop: Sendable {
    let model: SpeechModel
    let queue: WindowQueue
    let options: RecognitionOptions

    func run() {
        ComputeThread.prepare()
        let workspace = model.network.makeWorkspace()
        while let batch = queue.nextBatch() {
            do {
                try compute(batch, workspace)
            } catch {
                // One window spoils its batch; alone, each answers for itself.
                for item in batch { computeAlone(item, workspace) }
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
            blank: BlankAdjustment(options), workspace: workspace)
        for (item, result) in zip(batch, results) {
            item.row.add(LogProbabilities(result), of: item.window, lane: item.lane)
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
