internal import AcousticModels
internal import AudioFormats
package import AudioInput
package import AudioPlaces
package import Batching
package import CTCDecoding
package import CalibratedRecords
internal import Manifests
package import SpeechTypes
internal import Tensors
internal import Threading
package import VoiceActivity

/// Rows in, records out: threads that decode audio, one queue of windows, compute threads, and threads
/// that make text.
package struct TranscriptionPipeline: RowTranscriber {
    private let model: SpeechModel
    private let options: RecognitionOptions
    private let artefacts: DecoderArtefacts
    private let paths: AudioPathPolicy
    private let resources: ComputeResources
    private let reader: AudioReader
    private let speechNetwork: SpeechNetwork?
    private let calibration: LaneCalibration?

    /// - Parameters:
    ///   - artefacts: what the decoder uses besides the model's output.
    ///   - paths: where this machine finds the audio that rows name.
    ///   - reader: opens that audio; nil for a new one.
    ///   - speechNetwork: finds speech, in a job whose windows lie around it.
    ///   - calibration: of a job that has one.
    package init(
        model: SpeechModel, options: RecognitionOptions,
        artefacts: DecoderArtefacts = DecoderArtefacts(), paths: AudioPathPolicy,
        resources: ComputeResources, reader: AudioReader? = nil,
        speechNetwork: SpeechNetwork? = nil, calibration: LaneCalibration? = nil
    ) {
        precondition(
            options.chunking != .speech || speechNetwork != nil, "speech is found by a network")
        self.speechNetwork = speechNetwork
        self.calibration = calibration
        self.model = model
        self.artefacts = artefacts
        self.paths = paths
        self.resources = resources
        self.reader = reader ?? AudioReader(modelRate: options.sampleRate)
        self.options = options
    }

    package func run(
        inbox: any RowInbox, progress: EngineProgress,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) throws {
        let plan = resources.plan
        progress.begin(threads: plan.audioThreads + plan.batchesAtOnce + plan.textThreads)
        var recipe = try RecordRecipe(
            vocabulary: model.vocabulary, options: options, artefacts: artefacts,
            clock: model.clock)
        recipe.speechNetwork = speechNetwork
        try recipe.calibrate(calibration, paths)
        let languages = RowLanguages(options, shelf: model.languages) {
            [options, artefacts, model, speechNetwork] vocabulary in
            var recipe = try RecordRecipe(
                vocabulary: vocabulary, options: options, artefacts: artefacts, clock: model.clock)
            recipe.speechNetwork = speechNetwork
            return recipe
        }
        let decoding = DecodeStage(
            waitingFramesMax: plan.batchesAtOnce * model.clock.onePassFrames, progress: progress)
        try decoding.start(threads: plan.textThreads)
        // Whatever happens: its threads hold what they decode.
        defer { decoding.finish() }
        let queue = WindowQueue(
            planner: BatchPlanner(limits: resources.batchLimits),
            producers: plan.audioThreads, consumers: plan.batchesAtOnce,
            waitingFramesMax: plan.waitingFramesMax
                * (languages == nil ? 1 : model.waitingFactor))
        let memory = RowMemory(
            bytesMax: plan.rowBytesMax,
            bytesOfLane: model.memoryDemand(
                resident: 0, bytesOfDecoder: recipe.decoders.bytesOfDecoder,
                chunking: options.chunking
            ).lane, clock: model.clock,
            bytesOfLongPass: { [model] in model.bytesOfLongPass(frames: $0) })
        let decoders = AudioDecodeThreads(
            AudioDecodeLoop(
                queue: queue, decoding: decoding, recipe: recipe, languages: languages,
                paths: paths, memory: memory, emit: emit
            ) { [reader, options] source, file, progress, wait throws(AudioError) in
                try reader.open(
                    source, of: file, channels: options.channels, progress: progress,
                    waiting: wait)
            }, inbox: inbox, progress: progress)
        let team = try ComputeTeam(threads: plan.threads, prepare: ComputeThread.prepare)
        let compute = ComputeLoop(
            model: model, queue: queue, decoding: decoding, options: options, progress: progress,
            team: team, helpers: HelperScratch(of: team))
        var computers: [DedicatedThread] = []
        do {
            for _ in 0..<plan.batchesAtOnce {
                computers.append(try DedicatedThread { compute.run() })
            }
        } catch {
            // What computes ends when nobody brings anything.
            for _ in 0..<plan.audioThreads { queue.producerEnds() }
            throw error
        }
        // Without a thread for it rows fetch for themselves.
        let ahead = try? FetchAhead(inbox, paths)
        defer { ahead?.finish() }
        try decoders.start(threads: plan.audioThreads)
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
