internal import Checkpoints
internal import EncoderBlocks
internal import MelEncoders

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
}
