package import AcousticModels
internal import EncoderBlocks
internal import Tensors

extension Wav2Vec2Configuration {
    /// Operations that the products of one utterance take, two for each multiply-add, by part.
    ///
    /// Nominal: convolutions count as if they were computed tap by tap, however they are; norms,
    /// activations and softmax count nothing.
    package func operations(ofSamples samples: Int) -> [ModelPart: Double] {
        let rows = FrameGeometry(convLayers).rows(ofSamples: samples / sampleStep)
        let frames = Double(rows.last ?? 0)
        let width = Double(hiddenWidth)
        let extractor = convolutions(rows).reduce(0.0) { $0 + $1.operations }
        let positional =
            Double(positionalLayers) * 2 * frames * width * width / Double(positionalGroups)
            * Double(positionalKernel)
        var linear = resamplingOperations(frames: frames)
        var attention = 0.0
        for stack in stacks(frames: frames) {
            linear +=
                stack.layers
                * (conformerShape?.linearOperations(frames: stack.frames)
                    ?? layerShape.linearOperations(frames: stack.frames))
            attention += stack.layers * layerShape.attentionOperations(frames: stack.frames)
        }
        return [
            .extractor: extractor,
            .projection: hasProjection ? 2 * frames * Double(featureWidth) * width : 0,
            .positional: positional, .layers: linear, .attention: attention,
            .head: 2 * frames * width * Double(classes),
        ]
    }

    /// Operations that one utterance takes in the way that they are computed, by part.
    ///
    /// Convolutions of three taps need fewer products, the first one and the head are in float32, and the
    /// positional convolution goes through Fourier transforms. Norms, activations and softmax count nothing,
    /// and neither do rows that fill tiles.
    package func computedOperations(ofSamples samples: Int) -> [ModelPart: OperationCounts] {
        let rows = FrameGeometry(convLayers).rows(ofSamples: samples / sampleStep)
        let direct = operations(ofSamples: samples)
        var counts = direct.mapValues { OperationCounts(products: $0) }
        var extractor = OperationCounts()
        for (index, (layer, operations)) in convolutions(rows).enumerated() {
            if index == 0 {
                extractor.floats += operations
            } else {
                extractor.products +=
                    operations * shareOfProducts(kernel: layer.kernel, stride: layer.stride)
            }
        }
        counts[.extractor] = extractor
        counts[.positional] = OperationCounts(
            floats: Double(positionalLayers)
                * Spectrum(kernel: positionalKernel).operations(
                    frames: rows.last ?? 0, width: hiddenWidth / positionalGroups,
                    groups: positionalGroups))
        var layers = OperationCounts(products: direct[.layers] ?? 0)
        for stack in stacks(frames: Double(rows.last ?? 0)) {
            let ofChannels =
                stack.layers * (conformerShape?.channelOperations(frames: stack.frames) ?? 0)
            layers.products -= ofChannels
            layers.floats += ofChannels + stack.layers * floatOperations(frames: stack.frames)
        }
        counts[.layers] = layers
        counts[.attention] = OperationCounts(scores: direct[.attention] ?? 0)
        counts[.head] = OperationCounts(floats: direct[.head] ?? 0)
        return counts
    }

    /// The extractor's layers, with the operations of so many rows of each, tap by tap.
    private func convolutions(_ rows: [Int]) -> [(layer: ConvLayer, operations: Double)] {
        var inputs = 1
        return zip(convLayers, rows).map { layer, rows in
            defer { inputs = layer.channels }
            return (layer, 2 * Double(rows) * Double(layer.channels * layer.kernel * inputs))
        }
    }

    /// Layers of the encoder, and the frames that they see.
    private func stacks(frames: Double) -> [(layers: Double, frames: Double)] {
        if let hourglass {
            return [
                (Double(hourglass.layersBefore + hourglass.layersAfter), frames),
                (Double(hourglass.layersShortened), groups(frames: frames)),
            ]
        }
        return [(Double(encoderLayers), squeezeFactor > 1 ? groups(frames: frames) : frames)]
    }

    /// Groups that an hourglass, or a squeezed encoder, makes of so many frames.
    private func groups(frames: Double) -> Double {
        if let hourglass { return (frames / Double(hourglass.factor)).rounded(.up) }
        return (frames / Double(squeezeFactor)).rounded(.down)
    }

    /// Of the layers that make frames fewer, and more again.
    private func resamplingOperations(frames: Double) -> Double {
        let square = Double(hiddenWidth * hiddenWidth)
        if let hourglass {
            guard hourglass.resampling == .linear else { return 0 }
            // Down and up.
            return 4 * groups(frames: frames) * Double(hourglass.factor) * square
        }
        // Up again.
        return squeezeFactor > 1
            ? 2 * groups(frames: frames) * Double(squeezeFactor) * square : 0
    }

    /// What a layer computes in float32 beside its products: gates of distances, and a language's adapter.
    private func floatOperations(frames: Double) -> Double {
        var widths = 2 * (adapterWidth ?? 0)
        if case .buckets = attentionPositions { widths += 2 * attentionHeads }
        return 2 * frames * Double(hiddenWidth * widths)
    }

    /// Convolutions that give frames their positions.
    private var positionalLayers: Int {
        switch positionalForm {
        case .none: 0
        case .stack(let layers): layers
        case .weightNorm, .plain, .batchNorm: 1
        }
    }
}
