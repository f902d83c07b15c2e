internal import Checkpoints
internal import EncoderBlocks
internal import MelEncoders
internal import MelFeatures

extension MelConfiguration {
    /// w2v-BERT 2.0, as transformers' `Wav2Vec2BertConfig` and `SeamlessM4TFeatureExtractor` name its sizes.
    init(w2vBERT description: ModelFamily.Description) throws(CheckpointError) {
        let (fields, extractor) = (description.fields, description.extractor)
        let type = try fields.string("position_embeddings_type") ?? "relative_key"
        guard type == "relative_key", !fields.isNull("position_embeddings_type") else {
            throw fields.refused(
                "position_embeddings_type is \(fields.isSet("position_embeddings_type") ? type : "null"); "
                    + "relative_key is computed here, as in all published models")
        }
        if try fields.bool("use_intermediate_ffn_before_adapter") ?? false {
            throw fields.refused(
                "has a feed-forward block before its adapter (use_intermediate_ffn_before_adapter), which is "
                    + "not computed here")
        }
        if let stride = try extractor.int("stride"), stride != 2 {
            throw extractor.refused("stacks \(stride) mel frames (stride); pairs are computed here")
        }
        var bins = try extractor.int("num_mel_bins")
        if bins == nil { bins = try extractor.int("feature_size") }
        let features = try fields.int("feature_projection_input_dim") ?? 160
        guard features.isMultiple(of: 2), features / 2 == bins ?? 80 else {
            throw fields.refused(
                "feature_projection_input_dim is \(features), and the feature extractor gives pairs of "
                    + "\(bins ?? 80) mel bins (num_mel_bins)")
        }
        let width = try fields.int("hidden_size") ?? 1_024
        let layer = LayerShape(
            width: width, heads: try fields.int("num_attention_heads") ?? 16,
            feedForwardWidth: try fields.int("intermediate_size") ?? 4_096,
            activation: try fields.activation("hidden_act", standard: .swish),
            epsilon: try fields.double("layer_norm_eps").map { Float($0) } ?? 1e-5,
            positions: .clipped(
                left: try fields.int("left_max_position_embeddings") ?? 64,
                right: try fields.int("right_max_position_embeddings") ?? 8))
        var adapter: Adapter?
        if try fields.bool("add_adapter") ?? false {
            adapter = Adapter(
                layers: try fields.int("num_adapter_layers") ?? 1,
                kernel: try fields.int("adapter_kernel_size") ?? 3,
                stride: try fields.int("adapter_stride") ?? 2,
                width: try fields.int("output_hidden_size") ?? width,
                activation: try fields.activation("adapter_act", standard: .relu))
        }
        guard let classes = try fields.int("vocab_size") else {
            throw fields.refused("does not say how many classes its head scores (vocab_size)")
        }
        self.init(
            stem: .pairs(bins: bins ?? 80),
            block: ConformerShape(
                layer, kernel: try fields.int("conv_depthwise_kernel_size") ?? 31, isCausal: true,
                convolutionNorm: .layer),
            layers: try fields.int("num_hidden_layers") ?? 24, adapter: adapter, classes: classes)
        try check(path: fields.path)
    }

    /// Parakeet CTC, as transformers' `ParakeetCTCConfig` and `ParakeetFeatureExtractor` name its sizes.
    init(parakeet description: ModelFamily.Description) throws(CheckpointError) {
        let (outer, extractor) = (description.fields, description.extractor)
        let fields = outer.object("encoder_config") ?? outer
        func require(_ name: String, _ value: Int) throws(CheckpointError) {
            if let found = try fields.int(name), found != value {
                throw fields.refused("\(name) is \(found); \(value) is computed here")
            }
        }
        try require("subsampling_conv_kernel_size", 3)
        try require("subsampling_conv_stride", 2)
        let factor = try fields.int("subsampling_factor") ?? 8
        guard factor > 1, factor <= 256, factor & (factor - 1) == 0 else {
            throw fields.refused(
                "subsampling_factor is \(factor); powers of two from 2 to 256 are computed")
        }
        let heads = try fields.int("num_attention_heads") ?? 8
        try require("num_key_value_heads", heads)
        var frontEnd = ParakeetFrontEnd.Settings()
        frontEnd.bins = try extractor.int("feature_size") ?? frontEnd.bins
        frontEnd.hopSamples = try extractor.int("hop_length") ?? frontEnd.hopSamples
        frontEnd.transformSize = try extractor.int("n_fft") ?? frontEnd.transformSize
        frontEnd.windowSamples = try extractor.int("win_length") ?? frontEnd.windowSamples
        frontEnd.preemphasis = try extractor.double("preemphasis") ?? frontEnd.preemphasis
        if let problem = frontEnd.problem {
            throw extractor.refused("has \(problem), which cannot be computed")
        }
        let bins = try fields.int("num_mel_bins") ?? 80
        guard bins == frontEnd.bins else {
            throw fields.refused(
                "num_mel_bins is \(bins), and the feature extractor gives \(frontEnd.bins) "
                    + "(feature_size)")
        }
        guard let classes = try outer.int("vocab_size") else {
            throw outer.refused("does not say how many classes its head scores (vocab_size)")
        }
        let layer = LayerShape(
            width: try fields.int("hidden_size") ?? 1_024, heads: heads,
            feedForwardWidth: try fields.int("intermediate_size") ?? 4_096,
            activation: try fields.activation("hidden_act", standard: .swish), epsilon: 1e-5,
            positions: .relative, hasBiases: try fields.bool("attention_bias") ?? true)
        self.init(
            stem: .subsampled(
                Subsampling(
                    frontEnd: frontEnd, halvings: factor.trailingZeroBitCount,
                    channels: try fields.int("subsampling_conv_channels") ?? 256,
                    scalesFrames: try fields.bool("scale_input") ?? true)),
            block: ConformerShape(
                layer, kernel: try fields.int("conv_kernel_size") ?? 9,
                hasConvolutionBiases: try fields.bool("convolution_bias") ?? true),
            layers: try fields.int("num_hidden_layers") ?? 24, classes: classes)
        try check(path: outer.path)
    }
}
