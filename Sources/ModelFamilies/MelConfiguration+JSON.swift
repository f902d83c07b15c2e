internal import EncoderBlocks
internal import MelEncoders
internal import MelFeatures
internal import StrictJSON

extension MelConfiguration {
    /// The configuration as a part of a JSON object, in a fixed order: the model's digest is taken of it.
    ///
    /// What only one front end's models have stands with that front end, so that digests of others stay.
    func write(to writer: inout JSONWriter) {
        func field(_ name: String, _ value: Int) {
            writer.key(name)
            writer.value(value)
        }
        func field(_ name: String, _ value: Double) {
            writer.key(name)
            writer.value(value)
        }
        func field(_ name: String, _ value: Bool) {
            writer.key(name)
            writer.value(value)
        }
        func field(_ name: String, _ value: String) {
            writer.key(name)
            writer.value(value)
        }
        writer.beginObject()
        switch stem {
        case .pairs(let bins):
            field("front_end", "kaldi pairs")
            field("mel_bins", bins)
        case .subsampled(let subsampling):
            let frontEnd = subsampling.frontEnd
            field("front_end", "parakeet")
            field("mel_bins", frontEnd.bins)
            field("hop_samples", frontEnd.hopSamples)
            field("transform_size", frontEnd.transformSize)
            field("window_samples", frontEnd.windowSamples)
            field("preemphasis", frontEnd.preemphasis)
            field("subsampling_factor", 1 << subsampling.halvings)
            field("subsampling_channels", subsampling.channels)
            field("scales_frames", subsampling.scalesFrames)
            field("layer_biases", block.layer.hasBiases)
            field("convolution_biases", block.hasConvolutionBiases)
        }
        let layer = block.layer
        field("hidden_width", layer.width)
        field("feed_forward_width", layer.feedForwardWidth)
        field("attention_heads", layer.heads)
        field("encoder_layers", layers)
        field("activation", layer.activation.rawValue)
        writer.key("attention_positions")
        writer.raw(layer.positions.json.utf8)
        field("depthwise_kernel", block.kernel)
        writer.key("layer_norm_epsilon")
        // The float's own shortest text: as a double it would show digits it does not have.
        writer.raw("\(layer.epsilon)".utf8)
        if let adapter {
            writer.key("adapter")
            writer.beginObject()
            field("layers", adapter.layers)
            field("kernel", adapter.kernel)
            field("stride", adapter.stride)
            field("width", adapter.width)
            field("activation", adapter.activation.rawValue)
            writer.endObject()
        }
        field("classes", classes)
        writer.endObject()
    }
}
