package import EncoderBlocks
package import MelFeatures
package import SpeechTypes

/// Sizes and variants of a CTC model that reads log-mel features and has a conformer as its encoder, as its
/// checkpoint states them.
package struct MelConfiguration: Hashable, Sendable {
    /// What features become before the first layer.
    package enum Stem: Hashable, Sendable {
        /// Pairs of Kaldi's frames of so many mel bins, normed and projected (w2v-BERT 2.0).
        case pairs(bins: Int)
        /// Parakeet's frames after convolutions over time and mel bins.
        case subsampled(Subsampling)
    }

    /// Convolutions of 3 × 3 over time and mel bins, each of which halves both.
    package struct Subsampling: Hashable, Sendable {
        package var frontEnd: ParakeetFrontEnd.Settings
        package var halvings: Int
        package var channels: Int
        /// Whether frames are multiplied by the root of their width in the end.
        package var scalesFrames: Bool

        package init(
            frontEnd: ParakeetFrontEnd.Settings, halvings: Int, channels: Int, scalesFrames: Bool
        ) {
            self.frontEnd = frontEnd
            self.halvings = halvings
            self.channels = channels
            self.scalesFrames = scalesFrames
        }

        /// Frames, or bins, that one convolution makes of so many.
        static func halved(_ count: Int) -> Int { (count + 1) / 2 }

        /// Values of a row before the projection.
        var width: Int {
            (0..<halvings).reduce(frontEnd.bins) { bins, _ in Self.halved(bins) } * channels
        }
    }

    /// Layers behind the encoder that make frames fewer.
    package struct Adapter: Hashable, Sendable {
        package var layers: Int
        /// Frames that one convolution sees, an odd number.
        package var kernel: Int
        package var stride: Int
        /// Channels of its frames.
        package var width: Int
        /// Of its feed-forward blocks.
        package var activation: Activation

        package init(layers: Int, kernel: Int, stride: Int, width: Int, activation: Activation) {
            self.layers = layers
            self.kernel = kernel
            self.stride = stride
            self.width = width
            self.activation = activation
        }

        /// Zeros on either side of an utterance.
        package var padding: Int { (kernel - 1) / 2 }

        /// Frames that one layer makes of so many.
        package func shortened(_ frames: Int) -> Int {
            frames == 0 ? 0 : (frames + 2 * padding - kernel) / stride + 1
        }
    }

    package var stem: Stem
    package var block: ConformerShape
    package var layers: Int
    package var adapter: Adapter?
    /// Symbols that the head scores, blank included.
    package var classes: Int

    package init(
        stem: Stem, block: ConformerShape, layers: Int, adapter: Adapter? = nil, classes: Int
    ) {
        self.stem = stem
        self.block = block
        self.layers = layers
        self.adapter = adapter
        self.classes = classes
    }

    /// Channels of the encoder's frames.
    package var width: Int { block.layer.width }

    /// Whether the head is stored as a convolution of one tap.
    var hasPointwiseHead: Bool { if case .subsampled = stem { true } else { false } }

    /// Channels of the head's frames.
    package var outputWidth: Int { adapter?.width ?? width }

    /// What attention and feed-forward blocks of the adapter are like.
    package var adapterLayer: LayerShape? {
        guard let adapter else { return nil }
        return LayerShape(
            width: adapter.width, heads: block.layer.heads,
            feedForwardWidth: block.layer.feedForwardWidth, activation: adapter.activation,
            epsilon: block.layer.epsilon)
    }

    /// When frames are; nil where chunks of recordings would not be whole frames.
    package var possibleClock: FrameClock? {
        let (step, field) =
            switch stem {
            case .pairs: (KaldiFrontEnd.samplesPerRow, KaldiFrontEnd.samplesMin)
            // A frame of a few mel frames is there when the first of them is.
            case .subsampled(let subsampling):
                (
                    subsampling.frontEnd.hopSamples << subsampling.halvings,
                    subsampling.frontEnd.hopSamples
                )
            }
        guard let adapter else { return FrameClock(samplesPerFrame: step, receptiveField: field) }
        var stride = step
        for _ in 0..<adapter.layers {
            let (product, overflow) = stride.multipliedReportingOverflow(by: adapter.stride)
            guard !overflow else { return nil }
            stride = product
        }
        // Padding is as wide as half a kernel: the first frame of few begins where the first of many does.
        return FrameClock(samplesPerFrame: stride, receptiveField: field)
    }

    /// When frames are.
    ///
    /// - Precondition: ``check(path:)`` found nothing.
    package var clock: FrameClock {
        guard let clock = possibleClock else {
            preconditionFailure("a configuration that was checked has a clock")
        }
        return clock
    }
}
