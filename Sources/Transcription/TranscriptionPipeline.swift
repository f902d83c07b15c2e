internal import AudioFormats
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
        recipe = RecordRecipe(vocabulary: model.vocabulary, options: options)
    }

    package func run(
        inbox: any RowInbox, progress: EngineProgress,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) throws {
        let plan = resources.plan
        let queue = WindowQueue(
            planner: BatchPlanner(limits: resources.batchLimits),
            producers: plan.decodeThreads, consumers: plan.batchesAtOnce,
            waitingFramesMax: plan.waitingFramesMax)
        let memory = RowMemory(model: model, bytesMax: plan.rowBytesMax)
        let decoders = DecodeCrew(
            DecodeLoop(queue: queue, recipe: recipe, paths: paths, memory: memory, emit: emit) {
                [reader, options = recipe.options] source, file, progress, wait throws(AudioError)
                in
                try reader.open(
                    source, of: file, channels: options.channels, progress: progress,
                    waiting: wait)
            }, inbox: inbox, progress: progress)
        let team = try ComputeTeam(threads: plan.threads, prepare: ComputeThread.prepare)
        let compute = ComputeLoop(
            model: model, queue: queue, options: recipe.options, progress: progress, team: team,
            helpers: HelperScratch(of: team))
        var computers: [DedicatedThread] = []
        do {
            for _ in 0..<plan.batchesAtOnce {
                computers.append(try DedicatedThread { compute.run() })
            }
        } catch {
            // What computes ends when nobody brings anything.
            for _ in 0..<plan.decodeThreads { queue.producerEnds() }
            throw error
        }
        try decoders.start(threads: plan.decodeThreads)
        decoders.finish()
        for thread in computers { thread.join() }
    }
}

/// How a worker divides its machine.
package struct ComputeResources: Hashable, Sendable {
    package var plan: MemoryPlan
    package var batchLimits: BatchLimits

    /// - Parameter plan: how many threads do what; nil for as many batches at once as threads.
    package init(
        computeThreads: Int, plan: MemoryPlan? = nil, batchLimits: BatchLimits = BatchLimits()
    ) {
        self.plan =
            plan ?? .unlimited(threads: computeThreads, framesOfBatch: batchLimits.framesMax)
        self.batchLimits = batchLimits
    }
}
