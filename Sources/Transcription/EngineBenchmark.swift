internal import SpeechTypes
internal import Synchronization
internal import Tensors
internal import Threading
package import Wav2Vec2

/// Times the engine alone on audio that is already in memory.
package struct EngineBenchmark: Sendable {
    /// What one batch size gave.
    package struct Result: Sendable {
        package let batchSize: Int
        package let threads: Int
        package let audioSeconds: Double
        package let wallSeconds: Double
        /// Milliseconds of each batch, in the order they ended; the first of each thread left out.
        package let batchMilliseconds: [Double]

        /// Audio seconds computed in a second.
        package var rtfx: Double { audioSeconds / wallSeconds }

        /// Nil where every batch was a thread's first.
        package var meanMilliseconds: Double? {
            if batchMilliseconds.isEmpty { return nil }
            return batchMilliseconds.reduce(0, +) / Double(batchMilliseconds.count)
        }

        /// The reference's own rule: element floor(n (1 - p)) of the times in descending order.
        package func percentile(_ p: Double) -> Double? {
            let ordered = batchMilliseconds.sorted(by: >)
            if ordered.isEmpty { return nil }
            return ordered[min(ordered.count - 1, Int(Double(ordered.count) * (1 - p)))]
        }
    }

    private let model: SpeechModel
    private let clips: [[Float]]

    /// - Parameter clips: 16 kHz mono samples of each utterance, computed in this order.
    package init(model: SpeechModel, clips: [[Float]]) {
        self.model = model
        self.clips = clips
    }

    /// Computes all clips once, `batchSize` at a time, each thread taking the next batch.
    ///
    /// - Throws: the first batch's failure; a batch that failed must not count as a fast one.
    package func run(batchSize: Int, threads: Int) throws(EngineError) -> Result {
        let batches = stride(from: 0, to: clips.count, by: batchSize).map {
            $0..<min($0 + batchSize, clips.count)
        }
        let next = Atomic<Int>(0)
        let times = Guarded<[Double]>([])
        let failure = Guarded<EngineError?>(nil)
        let clock = ContinuousClock()
        let began = clock.now
        let workers = (0..<threads).map { _ in
            DedicatedThread { [model, clips] in
                ComputeThread.prepare()
                let workspace = model.network.makeWorkspace()
                var isWarm = false
                while true {
                    let index = next.add(1, ordering: .relaxed).oldValue
                    guard index < batches.count else { return }
                    let windows = clips[batches[index]].map { AudioWindow(samples: $0) }
                    let batchBegan = clock.now
                    do throws(EngineError) {
                        _ = try model.network.logProbabilities(
                            of: windows, blank: .none, workspace: workspace)
                    } catch {
                        return failure.withLock { $0 = $0 ?? error }
                    }
                    let elapsed = clock.now - batchBegan
                    if isWarm { times.withLock { $0.append(elapsed / .milliseconds(1)) } }
                    isWarm = true
                }
            }
        }
        for worker in workers { worker.join() }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return Result(
            batchSize: batchSize, threads: threads,
            audioSeconds: Double(clips.reduce(0) { $0 + $1.count }) / Double(FrameGrid.sampleRate),
            wallSeconds: (clock.now - began) / .seconds(1),
            batchMilliseconds: times.withLock { $0 })
    }
}
