internal import AudioFormats
package import AudioPlaces
internal import Batching
package import CTCDecoding
package import CalibratedRecords
package import SpeechTypes
internal import Threading

/// Rows with stored log-probabilities in, records out: no model computes anything.
package struct StoredLogitsPipeline: RowTranscriber {
    private let vocabulary: Vocabulary
    private let samplesPerFrame: Int
    private let options: RecognitionOptions
    private let artefacts: DecoderArtefacts
    private let paths: AudioPathPolicy
    private let calibration: LaneCalibration?
    private let threads: Int
    private let memoryBytes: Int

    /// - Parameters:
    ///   - samplesPerFrame: at 16 kHz, from one frame to the next.
    ///   - artefacts: what the decoder uses besides the log-probabilities.
    ///   - calibration: of a job that has one.
    ///   - threads: that read and decode.
    ///   - memoryBytes: what the worker may use.
    package init(
        vocabulary: Vocabulary, samplesPerFrame: Int, options: RecognitionOptions,
        artefacts: DecoderArtefacts = DecoderArtefacts(), calibration: LaneCalibration? = nil,
        paths: AudioPathPolicy, threads: Int, memoryBytes: Int
    ) {
        self.calibration = calibration
        self.vocabulary = vocabulary
        self.samplesPerFrame = samplesPerFrame
        self.options = options
        self.artefacts = artefacts
        self.paths = paths
        self.threads = max(1, threads)
        self.memoryBytes = memoryBytes
    }

    package func run(
        inbox: any RowInbox, progress: EngineProgress,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) throws {
        var recipe = try RecordRecipe(
            vocabulary: vocabulary, options: options, artefacts: artefacts,
            samplesPerFrame: samplesPerFrame)
        recipe.readsOnlyLogits = true
        if let source = options.logitsSource {
            recipe.logitsFolder = try LogitsFolder(paths.localPath(of: PathBytes(source)).text)
        }
        try recipe.calibrate(calibration, paths)
        let decoding = DecodeStage(
            waitingFramesMax: 2 * threads * StoredLogits.framesOfWindow, progress: progress)
        try decoding.start(threads: threads)
        progress.begin(threads: 2 * threads)
        defer { decoding.finish() }
        // Nothing is ever pushed: there is no audio to compute.
        let queue = WindowQueue(
            planner: BatchPlanner(limits: BatchLimits()), producers: threads, consumers: 1,
            waitingFramesMax: 0)
        let decoders = threads * recipe.decoders.bytesOfDecoder
        let memory = RowMemory(
            bytesMax: max(0, memoryBytes / 2 - decoders), bytesOfLane: 0,
            bytesOfLongPass: { _ in 0 })
        let readers = AudioDecodeThreads(
            AudioDecodeLoop(
                queue: queue, decoding: decoding, recipe: recipe, paths: paths, memory: memory,
                emit: emit
            ) { _, file, _, _ throws(AudioError) in
                throw AudioError(
                    .logitsNotFound, file.path,
                    "the row names audio, and this job has an alphabet and no model: name the stored "
                        + "log-probabilities as logits_filepath, or give --model")
            }, inbox: inbox, progress: progress)
        try readers.start(threads: threads)
        readers.finish()
    }
}
