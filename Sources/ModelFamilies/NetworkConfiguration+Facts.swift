internal import EncoderBlocks
internal import MelEncoders
internal import MelFeatures
internal import Wav2Vec2

extension MelConfiguration {
    /// For ``NetworkConfiguration/facts``.
    var facts: [(name: String, value: String)] {
        let layer = block.layer
        var encoder = [
            "\(layers) conformer layers", "\(layer.heads) heads", layer.activation.rawValue,
            "\(block.isCausal ? "causal " : "")kernel \(block.kernel)",
        ]
        if case .clipped(let left, let right) = layer.positions {
            encoder.append("distances from -\(left) to \(right)")
        }
        var facts: [(name: String, value: String)] = []
        switch stem {
        case .pairs(let bins):
            facts.append(
                ("input", "\(bins) mel bins (Kaldi), normalised over each window, in pairs"))
        case .subsampled(let subsampling):
            facts.append(
                (
                    "input",
                    "\(subsampling.frontEnd.bins) mel bins (Slaney), normalised over each window"
                ))
            facts.append(
                (
                    "extractor",
                    "\(subsampling.halvings) convolutions of 3 x 3, \(subsampling.channels) channels, "
                        + "\(1 << subsampling.halvings) frames made one"
                ))
        }
        facts.append(("encoder", encoder.joined(separator: ", ")))
        if let adapter {
            facts.append(
                (
                    "adapter",
                    "\(adapter.layers == 1 ? "1 layer" : "\(adapter.layers) layers"), kernel/stride "
                        + "\(adapter.kernel)/\(adapter.stride), width \(adapter.width)"
                ))
        }
        facts.append(("widths", "hidden \(width), feed-forward \(layer.feedForwardWidth)"))
        return facts
    }
}

extension Wav2Vec2Configuration {
    /// For ``NetworkConfiguration/facts``.
    var facts: [(name: String, value: String)] {
        [
            ("input", inputText), ("extractor", extractorText), ("encoder", encoderText),
            ("widths", widthsText),
        ]
    }

    private var inputText: String {
        guard let normalization = inputNormalization else {
            return "waveform as it is"
        }
        return "waveform normalised (epsilon \(normalization.epsilon))"
    }

    private var extractorText: String {
        let layers = convLayers
        let kernels = layers.map { "\($0.kernel)/\($0.stride)" }.joined(separator: " ")
        let channels = Set(layers.map { $0.channels }).sorted().map { "\($0)" }
            .joined(separator: ", ")
        return "\(layers.count) convolutions, \(channels) channels, kernel/stride \(kernels), "
            + "\(extractorNorm.rawValue) norm"
            + (hasConvBias ? ", with bias" : "")
    }

    private var encoderText: String {
        var parts: [String]
        if let hourglass = hourglass {
            parts = [
                "hourglass [\(hourglass.layersBefore),(\(hourglass.layersShortened),"
                    + "\(hourglass.factor)),\(hourglass.layersAfter)]",
                "\(hourglass.resampling.rawValue) resampling",
            ]
        } else {
            parts = ["\(encoderLayers) layers"]
        }
        parts.append(isPreNorm ? "norm before" : "norm after")
        parts.append("\(attentionHeads) heads")
        parts.append(activation.rawValue)
        if usesRotaryEmbeddings { parts.append("rotary embeddings") }
        return parts.joined(separator: ", ")
    }

    private var widthsText: String {
        "features \(featureWidth), hidden \(hiddenWidth), "
            + "feed-forward \(feedForwardWidth), positional kernel "
            + "\(positionalKernel) in \(positionalGroups) groups"
    }
}
