package import AcousticModels

extension Wav2Vec2Configuration {
    /// Operations that the products of one utterance take, two for each multiply-add, by part.
    ///
    /// Nominal: convolutions count as if they were computed tap by tap, however they are; norms,
    /// activations and softmax count nothing.
    package func operations(ofSamples samples: Int) -> [ModelPart: Double] {
        let rows = FrameGeometry(convLayers).rows(ofSamples: samples)
        let frames = Double(rows.last ?? 0)
        let width = Double(hiddenWidth)

        var extractor = 0.0
        var inputs = 1
        for (layer, rows) in zip(convLayers, rows) {
            extractor += 2 * Double(rows) * Double(layer.channels * layer.kernel * inputs)
            inputs = layer.channels
        }
        var linear = 0.0
        var attention = 0.0
        func add(layers: Int, frames: Double) {
            // Queries, keys, values and output; then both layers of the feed-forward block.
            linear +=
                Double(layers) * 2 * frames
                * (4 * width * width + 2 * width * Double(feedForwardWidth))
            // Scores, and weighted means of the values.
            attention += Double(layers) * 4 * frames * frames * width
            guard let conformer else { return }
            // Another feed-forward block; into two halves and back, and a convolution of each channel.
            linear +=
                Double(layers) * 2 * frames
                * (2 * width * Double(feedForwardWidth) + 3 * width * width
                    + width * Double(conformer.depthwiseKernel))
            if attentionPositions == .relative {
                linear += Double(layers) * 2 * (2 * frames) * width * width
                attention += Double(layers) * 2 * frames * frames * width
            }
        }
        if let hourglass {
            let factor = Double(hourglass.factor)
            let groups = (frames / factor).rounded(.up)
            add(layers: hourglass.layersBefore + hourglass.layersAfter, frames: frames)
            add(layers: hourglass.layersShortened, frames: groups)
            // Down and up.
            if hourglass.resampling == .linear { linear += 4 * groups * factor * width * width }
        } else if squeezeFactor > 1 {
            let factor = Double(squeezeFactor)
            let groups = (frames / factor).rounded(.down)
            add(layers: encoderLayers, frames: groups)
            // Up again.
            linear += 2 * groups * factor * width * width
        } else {
            add(layers: encoderLayers, frames: frames)
        }
        return [
            .extractor: extractor,
            .projection: hasProjection ? 2 * frames * Double(featureWidth) * width : 0,
            .positional: Double(positionalLayers) * 2 * frames * width * width
                / Double(positionalGroups) * Double(positionalKernel),
            .layers: linear,
            .attention: attention,
            .head: 2 * frames * width * Double(classes),
        ]
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
