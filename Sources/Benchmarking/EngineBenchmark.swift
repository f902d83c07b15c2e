package import AcousticModels
internal import CTCDecoding
internal import SpeechTypes
internal import Tensors
internal import Threading
package import Transcription

/// Times the engine alone on audio that is already in memory: samples to text.
package struct EngineBenchmark: Sendable {
    /// How the audio is computed.
    package struct Setting: Hashable, Sendable {
        /// Utterances in a batch.
        package var batchSize: Int
        package var threads: Int
        /// One batch at a time, shared by all threads, instead of a batch for each thread.
        package var isShared: Bool

        package init(batchSize: Int, threads: Int, isShared: Bool) {
            self.batchSize = batchSize
            self.threads = threads
            self.isShared = isShared
        }

        /// Threads that have a batch of their own.
        package var batchesAtOnce: Int { isShared ? 1 : threads }
    }

    /// What one pass over all audio took.
    package struct Pass: Sendable {
        package var wallSeconds = 0.0
        /// Of each batch, in the order they ended.
        package var batchMilliseconds: [Double] = []
        /// By part of the model, summed over the threads that have a batch of their own.
        package var partSeconds: [ModelPart: Double] = [:]
        /// Log-probabilities to text, likewise.
        package var decodingSeconds = 0.0
    }

    /// Where computing threads and the one that holds the watch meet.
    private struct Desk {
        /// Threads that have nothing more to do in this pass.
        var resting = 0
        var passesBegun = 0
        var isOver = false
        var nextBatch = 0
        var pass = Pass()
        var failure: (any Error)?
    }

    private let model: SpeechModel
    private let clips: [[Float]]

    /// - Parameter clips: 16 kHz mono samples of each utterance; neighbours share a batch.
    package init(model: SpeechModel, clips: [[Float]]) {
        precondition(!clips.isEmpty, "there is something to compute")
        self.model = model
        self.clips = clips
    }

    /// Operations of one pass, by part; see ``AcousticModel/operations(ofSamples:)``.
    package var operations: [ModelPart: Double] {
        clips.reduce(into: [:]) { sums, clip in
            sums.merge(
                model.network.operations(ofSamples: clip.count),
                uniquingKeysWith: +)
        }
    }

    /// The same in the way that they are computed; see ``AcousticModel/computedOperations(ofSamples:)``.
    package var computedOperations: [ModelPart: OperationCounts] {
        clips.reduce(into: [:]) { sums, clip in
            sums.merge(
                model.network.computedOperations(ofSamples: clip.count), uniquingKeysWith: +)
        }
    }

    /// Computes all clips `passes` times, each thread taking the next batch, longest first as in a job.
    ///
    /// Before the first pass each thread computes the longest batch once, untimed, so that memory is
    /// there and libraries have made their code.
    ///
    /// - Throws: the first failure; a batch that failed must not count as a fast one.
    package func run(_ setting: Setting, passes: Int) throws -> [Pass] {
        let batches = batchesLongestFirst(ofSize: setting.batchSize)
        WorkMeter.shared.expect(batches.count * passes + setting.batchesAtOnce, .batches)
        let desk = Guarded(Desk())
        // As in a worker: a thread that finds no more batches helps those that still have one.
        let team = try ComputeTeam(threads: setting.threads, prepare: ComputeThread.prepare)
        var workers: [DedicatedThread] = []
        do {
            for _ in 0..<setting.batchesAtOnce {
                workers.append(try DedicatedThread { compute(batches, team: team, desk: desk) })
            }
        } catch {
            desk.withLock { $0.isOver = true }
            throw error
        }
        func waitForAll() {
            desk.wait { $0.resting == setting.batchesAtOnce ? () : nil }
        }

        let clock = ContinuousClock()
        waitForAll()
        var results: [Pass] = []
        while results.count < passes, desk.withLock({ $0.failure == nil }) {
            let began = clock.now
            desk.withLock { desk in
                desk.resting = 0
                desk.nextBatch = 0
                desk.pass = Pass()
                desk.passesBegun += 1
            }
            waitForAll()
            let wall = (clock.now - began) / .seconds(1)
            results.append(
                desk.withLock { desk in
                    desk.pass.wallSeconds = wall
                    return desk.pass
                })
        }
        desk.withLock { $0.isOver = true }
        for worker in workers { worker.join() }
        if let failure = desk.withLock({ $0.failure }) { throw failure }
        return results
    }

    private func batchesLongestFirst(ofSize size: Int) -> [Range<Int>] {
        let batches = stride(from: 0, to: clips.count, by: size).map { start in
            let batch = start..<min(start + size, clips.count)
            return (batch, samples: clips[batch].reduce(0) { $0 + $1.count })
        }
        return batches.sorted { $0.samples > $1.samples }.map(\.0)
    }

    /// What one thread does.
    private func compute(_ batches: [Range<Int>], team: ComputeTeam, desk: Guarded<Desk>) {
        ComputeThread.prepare()
        let stages = StageClock()
        let workspace = model.network.makeWorkspace(team: team, clock: stages)
        let clock = ContinuousClock()

        func transcribe(_ batch: Range<Int>, into pass: inout Pass) throws {
            let began = clock.now
            let results = try team.computing {
                try model.network.logProbabilities(
                    of: clips[batch].map { AudioWindow(samples: $0) }, blank: .none,
                    workspace: workspace)
            }
            let computed = clock.now
            for result in results { _ = text(of: result) }
            let ended = clock.now
            pass.decodingSeconds += (ended - computed) / .seconds(1)
            pass.batchMilliseconds.append((ended - began) / .milliseconds(1))
            WorkMeter.shared.advance(1, .batches)
        }

        var begun = 0
        do {
            var warmUp = Pass()
            try transcribe(batches[0], into: &warmUp)
            while true {
                desk.withLock { $0.resting += 1 }
                let isOver = desk.wait { desk -> Bool? in
                    if desk.isOver { return true }
                    return desk.passesBegun > begun ? false : nil
                }
                if isOver { return }
                begun += 1
                stages.reset()
                var own = Pass()
                while let batch = desk.withLock({ desk -> Range<Int>? in
                    guard desk.nextBatch < batches.count, desk.failure == nil else { return nil }
                    desk.nextBatch += 1
                    return batches[desk.nextBatch - 1]
                }) {
                    try transcribe(batch, into: &own)
                }
                let done = own
                let times = stages.times.mapValues { $0 / .seconds(1) }
                desk.withLock { desk in
                    desk.pass.batchMilliseconds += done.batchMilliseconds
                    desk.pass.decodingSeconds += done.decodingSeconds
                    desk.pass.partSeconds.merge(times, uniquingKeysWith: +)
                }
            }
        } catch {
            // Nobody goes on after a failure: resting is what the others and the watch wait for.
            desk.withLock { desk in
                desk.failure = desk.failure ?? error
                desk.resting += 1
            }
        }
    }

    private func text(of result: Tensor) -> String {
        GreedyDecoder.transcript(
            of: LogProbabilities(
                frames: result.shape[0], classes: result.shape[1],
                values: result.withValues { Array($0) }), vocabulary: model.vocabulary
        ).text
    }
}
