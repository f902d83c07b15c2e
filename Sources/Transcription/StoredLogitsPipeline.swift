internal import AudioFormats
internal import Batching
internal import CTCDecoding
package import SpeechTypes
internal import Threading

/// Rows with stored log-probabilities in, records out: no model computes anything.
package struct StoredLogitsPipeline: RowTranscriber {
    private let vocabulary: Vocabulary
    private let samplesPerFrame: Int
    private let options: RecognitionOptions
    private let paths: AudioPathPolicy
    private let threads: Int
    private let memoryBytes: Int

    /// - Parameters:
    ///   - samplesPerFrame: at 16 kHz, from one frame to the next.
    ///   - threads: that read and decode.
    ///   - memoryBytes: what the worker may use.
    package init(
        vocabulary: Vocabulary, samplesPerFrame: Int, options: RecognitionOptions,
        paths: AudioPathPolicy, threads: Int, memoryBytes: Int
    ) {
        self.vocabulary = vocabulary
        self.samplesPerFrame = samplesPerFrame
        self.options = options
        self.paths = paths
        self.threads = max(1, threads)
        self.memoryBytes = memoryBytes
    }

    package func run(
        inbox: any RowInbox, progress: EngineProgress,
        emit: @escaping @Sendable (RowEvent) -> Void
    ) throws {
        var recipe = try RecordRecipe(
            vocabulary: vocabulary, options: options, samplesPerFrame: samplesPerFrame)
        recipe.readsOnlyLogits = true
        if let source = options.logitsSource {
            recipe.logitsFolder = try LogitsFolder(paths.localPath(of: PathBytes(source)).text)
        }
        let decoding = DecodeStage(
            waitingFramesMax: 2 * threads * FrameGrid.chunkFrames, progress: progress)
        try decoding.start(threads: threads)
        defer { decoding.finish() }
        // Nothing is ever pushed: there is no audio to compute.
        let queue = WindowQueue(
            planner: BatchPlanner(limits: BatchLimits()), producers: threads, consumers: 1,
            waitingFramesMax: 0)
        let memory = RowMemory(
            bytesMax: memoryBytes / 2, bytesOfLane: 0, bytesOfLongPass: { _ in 0 })
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
