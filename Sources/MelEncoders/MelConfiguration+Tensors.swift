package import AcousticModels
internal import EncoderBlocks
internal import MelFeatures

extension MelConfiguration {
    /// Every tensor that the architecture needs, by canonical name, with its shape.
    package var expectedTensors: [(name: String, shape: [Int])] {
        var tensors: [(name: String, shape: [Int])] = []
        switch stem {
        case .pairs(let bins):
            tensors += LayerShape.norm("feature_projection.layer_norm", 2 * bins)
            tensors += LayerShape.linear(
                "feature_projection.projection", from: 2 * bins, to: width)
        case .subsampled(let subsampling):
            for index in 0..<subsampling.halvings {
                tensors += subsampling.convolutionTensors(index)
            }
            tensors += LayerShape.linear(
                "subsampling.linear", from: subsampling.width, to: width)
        }
        for index in 0..<layers { tensors += block.tensors("encoder.layers.\(index)") }
        tensors += adapterTensors
        return tensors + [
            (
                "lm_head.weight",
                hasPointwiseHead ? [classes, outputWidth, 1] : [classes, outputWidth]
            ), ("lm_head.bias", [classes]),
        ]
    }

    private var adapterTensors: [(name: String, shape: [Int])] {
        guard let adapter, let layer = adapterLayer else { return [] }
        var tensors: [(name: String, shape: [Int])] = []
        if adapter.width != width {
            tensors += LayerShape.linear("adapter.proj", from: width, to: adapter.width)
            tensors += LayerShape.norm("adapter.proj_layer_norm", adapter.width)
        }
        for index in 0..<adapter.layers {
            let name = "adapter.layers.\(index)"
            for part in ["residual", "self_attn"] {
                tensors += LayerShape.norm("\(name).\(part)_layer_norm", adapter.width)
                tensors += [
                    (
                        "\(name).\(part)_conv.weight",
                        [2 * adapter.width, adapter.width, adapter.kernel]
                    ),
                    ("\(name).\(part)_conv.bias", [2 * adapter.width]),
                ]
            }
            tensors += layer.attentionTensors("\(name).attention")
            tensors += LayerShape.norm("\(name).ffn_layer_norm", adapter.width)
            tensors += layer.feedForwardTensors("\(name).ffn")
        }
        return tensors
    }

    /// Operations that the products of one utterance take, two for each multiply-add, by part.
    ///
    /// Nominal, as those of wav2vec 2.0; the front end, which is a thousandth of the rest, counts nothing.
    package func operations(ofSamples samples: Int) -> [ModelPart: Double] {
        var frames = stemFrames(ofSamples: samples).frames
        let count = Double(frames)
        var operations: [ModelPart: Double] = [:]
        switch stem {
        case .pairs(let bins):
            operations[.projection] = 2 * count * Double(2 * bins) * Double(width)
        case .subsampled(let subsampling):
            operations[.extractor] = subsampling.operations(
                frames: samples / subsampling.frontEnd.hopSamples)
            operations[.projection] = 2 * count * Double(subsampling.width) * Double(width)
        }
        var linear = Double(layers) * block.linearOperations(frames: count)
        var attention = Double(layers) * block.layer.attentionOperations(frames: count)
        if let adapter, let layer = adapterLayer {
            if adapter.width != width { linear += 2 * count * Double(width * adapter.width) }
            for _ in 0..<adapter.layers {
                frames = adapter.shortened(frames)
                let count = Double(frames)
                // Two convolutions into two halves.
                linear +=
                    layer.linearOperations(frames: count)
                    + 8 * count * Double(adapter.width * adapter.width * adapter.kernel)
                attention += layer.attentionOperations(frames: count)
            }
        }
        operations[.layers] = linear
        operations[.attention] = attention
        operations[.head] = 2 * Double(frames) * Double(outputWidth) * Double(classes)
        return operations
    }

    /// Operations that one utterance takes in the way that they are computed, by part.
    ///
    /// Convolutions before the projection, those of single channels and the head are in float32.
    package func computedOperations(ofSamples samples: Int) -> [ModelPart: OperationCounts] {
        let direct = operations(ofSamples: samples)
        let ofChannels =
            Double(layers)
            * block.channelOperations(frames: Double(stemFrames(ofSamples: samples).frames))
        var counts = direct.mapValues { OperationCounts(products: $0) }
        counts[.extractor] = direct[.extractor].map { OperationCounts(floats: $0) }
        counts[.layers] = OperationCounts(
            products: (direct[.layers] ?? 0) - ofChannels, floats: ofChannels)
        counts[.attention] = OperationCounts(scores: direct[.attention] ?? 0)
        counts[.head] = OperationCounts(floats: direct[.head] ?? 0)
        return counts
    }
}

extension MelConfiguration.Subsampling {
    /// Tensors of the convolution `index`, which is two from the second on: of each channel, and of all at a place.
    ///
    /// Names count activations, too, as in transformers.
    fileprivate func convolutionTensors(_ index: Int) -> [(name: String, shape: [Int])] {
        let first = Self.firstLayer(index)
        func convolution(_ layer: Int, _ shape: [Int]) -> [(name: String, shape: [Int])] {
            let name = "subsampling.layers.\(layer)"
            return [("\(name).weight", shape), ("\(name).bias", [channels])]
        }
        let halving = convolution(first, [channels, 1, 3, 3])
        return index == 0
            ? halving : halving + convolution(first + 1, [channels, channels, 1, 1])
    }

    /// The number of the convolution `index` among all layers, activations included.
    static func firstLayer(_ index: Int) -> Int { index == 0 ? 0 : 3 * index - 1 }

    /// Operations of the convolutions, two for each multiply-add.
    fileprivate func operations(frames: Int) -> Double {
        var (frames, bins, sum) = (frames, frontEnd.bins, 0.0)
        for index in 0..<halvings {
            (frames, bins) = (Self.halved(frames), Self.halved(bins))
            let taps = 9 + (index == 0 ? 0 : channels)
            sum += 2 * Double(frames) * Double(bins * channels * taps)
        }
        return sum
    }
}
