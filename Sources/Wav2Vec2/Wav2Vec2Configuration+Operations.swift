package import AcousticModels
internal import EncoderBlocks

extension Wav2Vec2Configuration {
    /// Operations that the products of one utterance take, two for each multiply-add, by part.
    ///
    /// Nominal: convolutions count as if they were computed tap by tap, however they are; norms,
    /// activations and softmax count nothing.
    package func operations(ofSamples samples: Int) -> [ModelPart: Double] {
        let rows = FrameGeometry(convLayers).rows(ofSamples: samples / sampleStep)
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
            linear +=
                Double(layers)
                * (conformerShape?.linearOperations(frames: frames)
                    ?? layerShape.linearOperations(frames: frames))
            attention += Double(layers) * layerShape.attentionOperations(frames: frames)
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
