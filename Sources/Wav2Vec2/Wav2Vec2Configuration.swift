package import EncoderBlocks
package import SpeechTypes

/// Sizes and variants of one wav2vec 2.0 CTC model, as its checkpoint states them.
package struct Wav2Vec2Configuration: Hashable, Sendable {
    /// One convolution of the feature extractor.
    package struct ConvLayer: Hashable, Sendable {
        package var channels: Int
        package var kernel: Int
        package var stride: Int

        package init(channels: Int, kernel: Int, stride: Int) {
            self.channels = channels
            self.kernel = kernel
            self.stride = stride
        }
    }

    /// Where the extractor normalises.
    package enum ExtractorNorm: String, Hashable, Sendable {
        /// Group norm, one group a channel, on layer 0 only (Base).
        case group
        /// Layer norm over channels on every layer (Large).
        case layer
    }

    /// What tells frames apart by their place, before the first layer.
    package enum PositionalForm: Hashable, Sendable {
        /// A convolution whose weight is stored as direction and magnitude.
        case weightNorm
        /// A convolution whose weight is stored as it is.
        case plain
        /// The same, of what a batch norm with running statistics makes of the frames.
        case batchNorm
        /// Convolutions one after the other, each with a norm without weights and an activation.
        case stack(layers: Int)
        case none
    }

    /// Layers with a convolution between attention and a second feed-forward block.
    package struct Conformer: Hashable, Sendable {
        /// Taps of the convolution of each channel over time; odd.
        package var depthwiseKernel: Int

        package init(depthwiseKernel: Int) { self.depthwiseKernel = depthwiseKernel }
    }

    /// `[before,(shortened,factor),after]` of the hourglass encoder.
    package struct Hourglass: Hashable, Sendable {
        package enum Resampling: String, Hashable, Sendable {
            case naive
            case linear
        }

        package var layersBefore: Int
        package var layersShortened: Int
        package var factor: Int
        package var layersAfter: Int
        package var resampling: Resampling

        package init(
            layersBefore: Int, layersShortened: Int, factor: Int, layersAfter: Int,
            resampling: Resampling
        ) {
            self.layersBefore = layersBefore
            self.layersShortened = layersShortened
            self.factor = factor
            self.layersAfter = layersAfter
            self.resampling = resampling
        }
    }

    /// How a waveform is normalised before the extractor; nil means not at all.
    package struct InputNormalization: Hashable, Sendable {
        /// Added to the biased variance under the root: 1e-5 (fairseq, NVIDIA), 1e-7 (Hugging Face).
        package var epsilon: Float

        package init(epsilon: Float) { self.epsilon = epsilon }
    }

    package var convLayers: [ConvLayer] = [
        .init(channels: 512, kernel: 10, stride: 5),
        .init(channels: 512, kernel: 3, stride: 2),
        .init(channels: 512, kernel: 3, stride: 2),
        .init(channels: 512, kernel: 3, stride: 2),
        .init(channels: 512, kernel: 3, stride: 2),
        .init(channels: 512, kernel: 2, stride: 2),
        .init(channels: 512, kernel: 2, stride: 2),
    ]
    package var extractorNorm: ExtractorNorm = .group
    package var hasConvBias = false
    /// Activation of the extractor and the positional convolution; NVIDIA's is always `.gelu`.
    package var convActivation: Activation = .gelu
    package var inputNormalization: InputNormalization?
    package var hiddenWidth = 768
    package var feedForwardWidth = 3072
    package var attentionHeads = 12
    /// Layers of the plain stack; not used with an hourglass.
    package var encoderLayers = 12
    package var activation: Activation = .gelu
    /// Layer norm before each sub-layer (`layer_norm_first`, stable layer norm) or after it.
    package var isPreNorm = false
    package var positionalForm: PositionalForm = .weightNorm
    package var positionalKernel = 128
    package var positionalGroups = 16
    package var usesRotaryEmbeddings = false
    package var attentionPositions: AttentionPositions = .none
    package var conformer: Conformer?
    /// Frames that the encoder takes as one, and gives back as so many.
    package var squeezeFactor = 1
    /// Inner channels of each layer's adapter; nil where layers have none.
    package var adapterWidth: Int?
    package var hourglass: Hourglass?
    /// Whether features are projected; false only where widths agree and the checkpoint has none.
    package var hasProjection = true
    /// Whether features are normed before the projection.
    package var hasFeatureNorm = true
    /// Epsilon of the encoder's and the feature projection's layer norms; the extractor's are 1e-5.
    package var layerNormEpsilon: Float = 1e-5
    /// Samples a second that the model was trained on: 16,000, or 8,000, which are every second sample.
    package var sampleRate = FrameClock.sampleRate
    /// Symbols that the head scores, blank included.
    package var classes = 32

    package init() {}

    /// When frames are, as the convolutions give it.
    ///
    /// - Precondition: ``check(path:)`` found nothing.
    package var clock: FrameClock {
        guard let clock = FrameGeometry(convLayers).clock(ofEvery: sampleStep) else {
            preconditionFailure("a configuration that was checked has a clock")
        }
        return clock
    }

    /// What attention and feed-forward blocks of a layer are like.
    package var layerShape: LayerShape {
        LayerShape(
            width: hiddenWidth, heads: attentionHeads, feedForwardWidth: feedForwardWidth,
            activation: activation, epsilon: layerNormEpsilon, positions: attentionPositions,
            isRotary: usesRotaryEmbeddings)
    }

    /// The same of a conformer's layers; nil where there are others.
    package var conformerShape: ConformerShape? {
        guard let conformer else { return nil }
        var layer = layerShape
        // The reference takes this epsilon, whatever the model's other norms have.
        layer.epsilon = 1e-5
        return ConformerShape(layer, kernel: conformer.depthwiseKernel)
    }

    /// Samples at 16 kHz from one that the model takes to the next.
    package var sampleStep: Int { FrameClock.sampleRate / sampleRate }

    /// Frames that a layer makes one row of, or makes of one; 1 where none does.
    var groupSize: Int {
        guard let hourglass, hourglass.resampling == .linear else { return squeezeFactor }
        return hourglass.factor
    }

    /// Channels of the extractor's last layer.
    package var featureWidth: Int { convLayers.last?.channels ?? 0 }
}
