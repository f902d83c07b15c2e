internal import EncoderBlocks

extension Wav2Vec2Configuration {
    /// The tensors of the encoder layer at `name`, with their shapes.
    ///
    /// - Parameter isFirst: of its stack.
    func layerTensors(_ name: String, isFirst: Bool) -> [(name: String, shape: [Int])] {
        var tensors: [(name: String, shape: [Int])] = []
        func add(_ part: String, _ shape: [Int]) { tensors.append(("\(name).\(part)", shape)) }
        func addNorm(_ part: String) {
            add("\(part).weight", [hiddenWidth])
            add("\(part).bias", [hiddenWidth])
        }
        func addLinear(_ part: String, from input: Int, to output: Int) {
            add("\(part).weight", [output, input])
            add("\(part).bias", [output])
        }

        let shape = layerShape
        if let conformerShape { return conformerShape.tensors(name) }
        tensors += shape.attentionTensors("\(name).attention")
        if case .buckets(let count, _) = attentionPositions {
            add("attention.gru_rel_pos_const", [1, attentionHeads, 1, 1])
            addLinear("attention.gru_rel_pos_linear", from: hiddenWidth / attentionHeads, to: 8)
            if isFirst { add("attention.rel_attn_embed.weight", [count, attentionHeads]) }
        }
        addNorm("final_layer_norm")
        addNorm("layer_norm")
        tensors += shape.feedForwardTensors("\(name).feed_forward")
        if let adapterWidth {
            addNorm("adapter_layer.norm")
            addLinear("adapter_layer.linear_1", from: hiddenWidth, to: adapterWidth)
            addLinear("adapter_layer.linear_2", from: adapterWidth, to: hiddenWidth)
        }
        return tensors
    }

    /// What a language has of its own: the adapters of all layers and a head of so many classes.
    package func languageTensors(classes: Int) -> [(name: String, shape: [Int])] {
        (0..<encoderLayers).flatMap { index in
            layerTensors("encoder.layers.\(index)", isFirst: false).filter {
                $0.name.contains(".adapter_layer.")
            }
        } + [("lm_head.weight", [classes, hiddenWidth]), ("lm_head.bias", [classes])]
    }
}
