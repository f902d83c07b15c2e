package import AcousticModels
package import Batching
package import CTCDecoding
package import Checkpoints
package import Digests
package import ModelLoading
package import SpeechTypes
package import Tensors
package import WeightCache
internal import WindowCutting

/// A model that is ready to transcribe: weights in memory, symbols, and what names both.
package struct SpeechModel: Sendable {
    package let network: any AcousticModel
    package let vocabulary: Vocabulary
    /// Of weights, configuration and vocabulary; equal for one model in any container.
    package let digest: ContentDigest
    package let arithmetic: ArithmeticClass
    /// Languages that rows may name; nil for a model that keeps none apart.
    package let languages: LanguageShelf?

    /// Changes whenever the same audio, model and options could give other bytes than before.
    package static let engineNumber = EngineNumber.current

    /// Reads the weights of `loaded`, or finds them packed.
    ///
    /// - Parameter cache: of packed weights; nil to pack them for this process alone.
    /// - Throws: `CheckpointError` if a weight is unusable.
    package init(
        _ loaded: LoadedModel, backend: ComputeBackend, cache: WeightCache? = nil
    ) throws(CheckpointError) {
        digest = try loaded.digest()
        network =
            if let cache {
                try loaded.makeNetwork(on: backend, keptIn: cache, digest: digest)
            } else {
                try loaded.makeNetwork(on: backend)
            }
        vocabulary = loaded.vocabulary
        arithmetic = backend.arithmetic
        languages = LanguageShelf(loaded, network: network)
    }
}

extension SpeechModel {
    /// When its frames are.
    package var clock: FrameClock { network.clock }

    /// Of the largest alphabet.
    private var classes: Int { languages?.classesMax ?? network.classes }

    /// Audio waits for a batch of its language: room for as many times what one language needs.
    package var waitingFactor: Int { (languages?.names.count ?? 1) > 1 ? 8 : 1 }

    /// What the parts of a worker take, in batches of at most `limits`.
    ///
    /// - Parameters:
    ///   - resident: what the process holds now, the weights included.
    ///   - bytesOfDecoder: the state of one text decoder.
    package func memoryDemand(
        resident: Int, limits: BatchLimits = BatchLimits(), bytesOfDecoder: Int = 0,
        chunking: RecognitionOptions.Chunking = .grid
    ) -> MemoryDemand {
        let longest = clock.onePassFrames
        // The longest window alone, or as many short ones as a batch takes: each begins at a tile.
        let short = [Int](
            repeating: limits.framesMax / limits.windowsMax + 1, count: limits.windowsMax)
        let workspace =
            max(
                network.workspaceBytes(framesOfWindows: [longest]),
                network.workspaceBytes(framesOfWindows: short))
            + (classes - network.classes) * 4 * max(longest, 64 * limits.windowsMax)
        let samples = sampleBytes(frames: longest)
        // Speech that is not yet known to end waits for its windows.
        let waiting =
            chunking == .speech
            ? sampleBytes(frames: SpeechCutter.framesHeldMax(clock)) - samples : 0
        return MemoryDemand(
            resident: resident + network.keptBytes + (languages?.bytesKept ?? 0),
            batch: workspace + samples + resultBytes(frames: longest) + libraryBytesPerThread,
            helper: network.memberBytes(longest: longest) + libraryBytesPerThread,
            audioThread: 2 * samples + waiting + Self.audioDecoderBytes + bytesOfDecoder,
            textThread: pieceBytes + bytesOfDecoder + Self.textThreadBytes,
            waitingFrame: clock.samplesPerFrame * MemoryLayout<Float>.size * waitingFactor,
            lane: 2 * samples + waiting + bytesOfDecoder, reserve: Self.reserveBytes,
            windowFramesMax: longest)
    }

    /// The state of one decoder of a job with these options; 0 where they name none that is known here.
    package func bytesOfDecoder(
        for options: RecognitionOptions, artefacts: DecoderArtefacts = DecoderArtefacts()
    ) -> Int {
        // The steps of a path, and what every row may keep of its log-probabilities.
        if options.alignment != nil { return 3 * RowMemory.keptBytesOfRow }
        return (try? DecoderList.configure(options.decoder)(vocabulary, artefacts))?.bytesOfDecoder
            ?? 0
    }

    /// What a window of `frames` frames takes beyond the longest one of a recording that is cut; the
    /// activations grow with its length, and the scores of attention do not.
    package func bytesOfLongPass(frames: Int) -> Int {
        let usual = clock.onePassFrames
        guard frames > usual else { return 0 }
        let activations =
            network.workspaceBytes(framesOfWindows: [frames])
            - network.workspaceBytes(framesOfWindows: [usual])
        // While it is decoded, the samples are copied as their buffer grows.
        return activations + resultBytes(frames: frames - usual)
            + 2 * sampleBytes(frames: frames - usual)
    }

    private func sampleBytes(frames: Int) -> Int {
        clock.samples(ofFrames: frames) * MemoryLayout<Float>.size
    }

    /// Log-probabilities: the batch's, those that wait for a decoder, and those that wait for windows
    /// before them.
    private func resultBytes(frames: Int) -> Int {
        3 * frames * classes * MemoryLayout<Float>.size
    }

    /// OpenBLAS copies both operands of a product into buffers of its own, for each thread.
    private var libraryBytesPerThread: Int {
        arithmetic.library == .openBLAS ? 24 << 20 : 0
    }

    /// Log-probabilities that one decoder is given at a time.
    private var pieceBytes: Int {
        ComputedWindow.framesOfPiece(classes: classes) * classes * MemoryLayout<Float>.size
    }

    /// An audio decoder's and a resampler's own memory, and the stack of their thread.
    private static let audioDecoderBytes = 3 << 20
    /// The stack of a thread that makes text, as far as it is touched.
    private static let textThreadBytes = 64 << 10
    /// Rows, messages and sockets, and what allocators keep: seen to be 8 to 14 MiB.
    private static let reserveBytes = 16 << 20
}
