extension Wav2Vec2Configuration {
    /// Every tensor that the architecture needs, by canonical name, with its shape.
    package var expectedTensors: [(name: String, shape: [Int])] {
        var tensors: [(name: String, shape: [Int])] = []
        func add(_ name: String, _ shape: [Int]) { tensors.append((name, shape)) }
        func addNorm(_ name: String, _ width: Int) {
            add("\(name).weight", [width])
            add("\(name).bias", [width])
        }
        func addLinear(_ name: String, from input: Int, to output: Int) {
            add("\(name).weight", [output, input])
            add("\(name).bias", [output])
        }

        var inputChannels = 1
        for (index, layer) in convLayers.enumerated() {
            let name = "feature_extractor.conv_layers.\(index)"
            add("\(name).conv.weight", [layer.channels, inputChannels, layer.kernel])
            if hasConvBias { add("\(name).conv.bias", [layer.channels]) }
            if extractorNorm == .layer || index == 0 {
                addNorm("\(name).layer_norm", layer.channels)
            }
            inputChannels = layer.channels
        }
        if hasFeatureNorm { addNorm("feature_projection.layer_norm", featureWidth) }
        if hasProjection {
            addLinear("feature_projection.projection", from: featureWidth, to: hiddenWidth)
        }
        tensors += positionalTensors
        addNorm("encoder.layer_norm", hiddenWidth)
        for (stack, count) in layerStacks {
            for index in 0..<count {
                tensors += layerTensors("encoder.\(stack).\(index)", isFirst: index == 0)
            }
        }
        if squeezeFactor > 1 {
            addLinear(
                "encoder.upsample.projection", from: hiddenWidth, to: squeezeFactor * hiddenWidth)
        }
        if let hourglass, hourglass.resampling == .linear {
            let pooled = hiddenWidth * hourglass.factor
            addLinear("encoder.downsample_layer.linear", from: pooled, to: hiddenWidth)
            addLinear("encoder.upsample_layer.linear", from: hiddenWidth, to: pooled)
        }
        addLinear("lm_head", from: hiddenWidth, to: classes)
        return tensors
    }

    private var positionalTensors: [(name: String, shape: [Int])] {
        let place = "encoder.pos_conv_embed"
        let shape = [hiddenWidth, hiddenWidth / positionalGroups, positionalKernel]
        func convolution(_ name: String) -> [(name: String, shape: [Int])] {
            [("\(place).\(name).weight", shape), ("\(place).\(name).bias", [hiddenWidth])]
        }
        switch positionalForm {
        case .weightNorm:
            return [
                ("\(place).conv.weight_g", [1, 1, positionalKernel]),
                ("\(place).conv.weight_v", shape), ("\(place).conv.bias", [hiddenWidth]),
            ]
        case .none: return []
        case .plain: return convolution("conv")
        case .batchNorm:
            return convolution("conv")
                + ["weight", "bias", "running_mean", "running_var"].map {
                    ("\(place).batch_norm.\($0)", [hiddenWidth])
                }
        case .stack(let layers): return (0..<layers).flatMap { convolution("layers.\($0).conv") }
        }
    }

    private var layerStacks: [(name: String, count: Int)] {
        guard let hourglass else { return [("layers", encoderLayers)] }
        return [
            ("layers", hourglass.layersBefore),
            ("hourglass_layers", hourglass.layersShortened),
            ("post_layers", hourglass.layersAfter),
        ]
    }
}
