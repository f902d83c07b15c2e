package import AudioInput
package import Batching
internal import CTCDecoding
internal import Manifests
package import SpeechTypes
internal import Tensors
internal import Threading
internal import Wav2Vec2

/// Rows in, records out: decode threads, one queue of windows, compute threads.
package struct TranscriptionPipeline: RowTranscriber {
    private let model: SpeechModel
    private let recipe: RecordRecipe
    private let paths: AudioPathPolicy
    private let resources: ComputeResources
    private let reader: AudioReader

    /// - Parameters:
    ///   - paths: where this machine finds the audio that rows name.
    ///   - reader: opens that audio.
    package init(
        model: SpeechModel, options: RecognitionOptions, paths: AudioPathPolicy,
        resources: ComputeResources, reader: AudioReader = AudioReader()
    ) {
        self.model = model
        self.paths = paths
        self.resources = resources
        self.reader = reader
        recipe = RecordRecipe(alphabet: model.alphabet, options: options)
    }

    package func run(
        inbox: any RowInbox, progress: EngineProgress,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) throws {
        let queue = WindowQueue(
            planner: BatchPlanner(limits: resources.batchLimits),
            producers: resources.decodeThreads, consumers: resources.computeThreads)
        let decoders = DecodeCrew(
            DecodeWork(queue: queue, recipe: recipe, paths: paths, emit: emit) {
                [reader, options = recipe.options] source, file, progress throws(AudioError) in
                try reader.open(
                    source, of: file, channels: options.channels, progress: progress)
            }, inbox: inbox, progress: progress)
        let team = try ComputeTeam(threads: resources.computeThreads, prepare: ComputeThread.prepare)
        let compute = ComputeLoop(
            model: model, queue: queue, options: recipe.options, progress: progress, team: team)
        var computers: [DedicatedThread] = []
        do {
            for _ in 0..<resources.computeThreads {
                computers.append(try DedicatedThread { compute.run() })
            }
        } catch {
            // What computes ends when nobody brings anything.
            for _ in 0..<resources.decodeThreads { queue.producerEnds() }
            throw error
        }
        try decoders.start(threads: resources.decodeThreads)
        decoders.finish()
        for thread in computers { thread.join() }
    }
}

/// How a worker divides its machine.
package struct ComputeResources: Hashable, Sendable {
    /// Threads that compute, each with one BLAS thread and a workspace of its own.
    package var computeThreads: Int
    /// Threads that read audio; they are mostly waiting.
    package var decodeThreads: Int
    package var batchLimits: BatchLimits

    package init(computeThreads: Int, batchLimits: BatchLimits = BatchLimits()) {
        self.computeThreads = computeThreads
        // Two at least, so that one long file does not keep the short ones waiting.
        decodeThreads = min(8, max(2, computeThreads))
        self.batchLimits = batchLimits
    }
}
