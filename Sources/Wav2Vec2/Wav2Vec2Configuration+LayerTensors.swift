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
        func addFeedForward(_ part: String) {
            addLinear("\(part).intermediate_dense", from: hiddenWidth, to: feedForwardWidth)
            addLinear("\(part).output_dense", from: feedForwardWidth, to: hiddenWidth)
        }

        for projection in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            addLinear("attention.\(projection)", from: hiddenWidth, to: hiddenWidth)
        }
        let headShape = [attentionHeads, hiddenWidth / attentionHeads]
        switch attentionPositions {
        case .none, .rotaryInput: break
        case .buckets(let count, _):
            add("attention.gru_rel_pos_const", [1, attentionHeads, 1, 1])
            addLinear("attention.gru_rel_pos_linear", from: headShape[1], to: 8)
            if isFirst { add("attention.rel_attn_embed.weight", [count, attentionHeads]) }
        case .relative:
            add("attention.linear_pos.weight", [hiddenWidth, hiddenWidth])
            add("attention.pos_bias_u", headShape)
            add("attention.pos_bias_v", headShape)
        }
        addNorm("final_layer_norm")
        guard let conformer else {
            addNorm("layer_norm")
            addFeedForward("feed_forward")
            if let adapterWidth {
                addNorm("adapter_layer.norm")
                addLinear("adapter_layer.linear_1", from: hiddenWidth, to: adapterWidth)
                addLinear("adapter_layer.linear_2", from: adapterWidth, to: hiddenWidth)
            }
            return tensors
        }
        for norm in [
            "ffn1_layer_norm", "self_attn_layer_norm", "ffn2_layer_norm", "conv_module.layer_norm",
            "conv_module.batch_norm",
        ] {
            addNorm(norm)
        }
        addFeedForward("ffn1")
        addFeedForward("ffn2")
        add("conv_module.batch_norm.running_mean", [hiddenWidth])
        add("conv_module.batch_norm.running_var", [hiddenWidth])
        add("conv_module.pointwise_conv1.weight", [2 * hiddenWidth, hiddenWidth, 1])
        add("conv_module.pointwise_conv2.weight", [hiddenWidth, hiddenWidth, 1])
        add("conv_module.depthwise_conv.weight", [hiddenWidth, 1, conformer.depthwiseKernel])
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
