/// Sizes and variants of a conformer's layer: half a feed-forward block, attention, a convolution over time,
/// and half a feed-forward block.
package struct ConformerShape: Hashable, Sendable {
    /// What stands between the convolution of channels and its activation.
    package enum ConvolutionNorm: Hashable, Sendable {
        /// With running statistics, over frames (wav2vec2-conformer, Parakeet).
        case batch
        /// Over channels (w2v-BERT 2.0).
        case layer
    }

    package var layer: LayerShape
    /// Taps of the convolution of each channel over time.
    package var kernel: Int
    /// Whether all taps but the last are of frames before; else as many are before as behind.
    package var isCausal: Bool
    package var convolutionNorm: ConvolutionNorm
    /// Whether the three convolutions have biases.
    package var hasConvolutionBiases: Bool

    package init(
        _ layer: LayerShape, kernel: Int, isCausal: Bool = false,
        convolutionNorm: ConvolutionNorm = .batch, hasConvolutionBiases: Bool = false
    ) {
        self.layer = layer
        self.kernel = kernel
        self.isCausal = isCausal
        self.convolutionNorm = convolutionNorm
        self.hasConvolutionBiases = hasConvolutionBiases
    }

    /// The tensors of the layer at `name`, with their shapes.
    package func tensors(_ name: String) -> [(name: String, shape: [Int])] {
        let width = layer.width
        let module = "\(name).conv_module"
        var tensors = layer.attentionTensors("\(name).attention")
        for part in [
            "ffn1_layer_norm", "self_attn_layer_norm", "ffn2_layer_norm", "final_layer_norm",
            "conv_module.layer_norm",
        ] {
            tensors += LayerShape.norm("\(name).\(part)", width)
        }
        tensors += layer.feedForwardTensors("\(name).ffn1")
        tensors += layer.feedForwardTensors("\(name).ffn2")
        switch convolutionNorm {
        case .batch:
            tensors += LayerShape.norm("\(module).batch_norm", width)
            tensors += ["running_mean", "running_var"].map {
                ("\(module).batch_norm.\($0)", [width])
            }
        case .layer: tensors += LayerShape.norm("\(module).depthwise_layer_norm", width)
        }
        tensors += [
            ("\(module).pointwise_conv1.weight", [2 * width, width, 1]),
            ("\(module).depthwise_conv.weight", [width, 1, kernel]),
            ("\(module).pointwise_conv2.weight", [width, width, 1]),
        ]
        if hasConvolutionBiases {
            tensors += [
                ("\(module).pointwise_conv1.bias", [2 * width]),
                ("\(module).depthwise_conv.bias", [width]),
                ("\(module).pointwise_conv2.bias", [width]),
            ]
        }
        return tensors
    }

    /// Operations of all linear layers and convolutions, two for each multiply-add.
    package func linearOperations(frames: Double) -> Double {
        let width = Double(layer.width)
        // Another feed-forward block; into two halves and back, and a convolution of each channel.
        return layer.linearOperations(frames: frames)
            + 2 * frames
            * (2 * width * Double(layer.feedForwardWidth) + 3 * width * width)
            + channelOperations(frames: frames)
    }

    /// Those of them that the convolution of each channel takes, which is computed in float32.
    package func channelOperations(frames: Double) -> Double {
        2 * frames * Double(layer.width * kernel)
    }
}
