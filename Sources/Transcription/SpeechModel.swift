package import Batching
package import CTCDecoding
package import Checkpoints
package import Digests
internal import SpeechTypes
package import Tensors
package import Wav2Vec2

/// A model that is ready to transcribe: weights in memory, symbols, and what names both.
package struct SpeechModel: Sendable {
    package let network: Wav2Vec2Model
    package let alphabet: Alphabet
    /// Of weights, configuration and vocabulary; equal for one model in any container.
    package let digest: ContentDigest
    package let arithmetic: ArithmeticClass

    /// Changes whenever the same audio, model and options could give other bytes than before.
    package static let engineNumber = 2

    /// Reads the weights of `loaded`.
    ///
    /// - Throws: `CheckpointError` if a weight is unusable, or if the model's frames are not the
    ///   20 ms that the chunk grid counts in.
    package init(_ loaded: LoadedModel, backend: ComputeBackend) throws(CheckpointError) {
        network = try Wav2Vec2Model(
            loaded.configuration, weights: loaded.weights, backend: backend)
        for samples in [399, 400, 719, 720, 16_000]
        where network.frames(ofSamples: samples) != FrameGrid.frames(ofSamples: samples) {
            throw CheckpointError(
                .refused, path: loaded.path,
                "its convolutions do not make frames of 320 samples that see 400")
        }
        alphabet = Alphabet(loaded.vocabulary)
        digest = try loaded.digest()
        arithmetic = backend.arithmetic
    }
}

extension Alphabet {
    /// The alphabet that a checkpoint's vocabulary describes.
    package init(_ vocabulary: Vocabulary) {
        self.init(
            symbols: vocabulary.symbols, blank: vocabulary.blankIndex,
            wordDelimiter: vocabulary.wordDelimiterIndex,
            specials: Set(vocabulary.specialIndices),
            rules: TextRules(
                assembly: .init(vocabulary.reading), delimiterText: vocabulary.delimiterText,
                isLowercasing: vocabulary.lowersCase,
                tightensPunctuation: vocabulary.tightensPunctuation))
    }
}

extension TextRules.Assembly {
    fileprivate init(_ reading: Vocabulary.Reading) {
        switch reading {
        case .labels: self = .labels
        case .letters: self = .letters
        case .phonemes: self = .phonemes
        }
    }
}

extension SpeechModel {
    /// Batch limits with which `threads` threads fit into `memoryBytes`, weights included.
    ///
    /// Never below what one window of a long recording needs: that much is always tried.
    package func batchLimits(threads: Int, memoryBytes: Int) -> BatchLimits {
        var limits = BatchLimits()
        let perThread = (memoryBytes - network.weightBytes) / max(1, threads)
        let window = FrameGrid.onePassFrames
        while limits.framesMax > window,
            network.workspaceBytes(framesOfWindows: [limits.framesMax]) > perThread
        {
            limits.framesMax -= 100
        }
        limits.framesMin = min(limits.framesMin, limits.framesMax)
        return limits
    }
}
