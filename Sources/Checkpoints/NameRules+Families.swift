extension NameRules {
    /// HuBERT, whose positions may stand behind a batch norm.
    package static let hubert = NameRules(
        prefix: "hubert.",
        more: [
            "encoder.pos_conv_embed.conv.weight", "encoder.pos_conv_embed.batch_norm.@",
            "encoder.pos_conv_embed.batch_norm.running_mean",
            "encoder.pos_conv_embed.batch_norm.running_var",
        ])

    package static let unispeech = NameRules(prefix: "unispeech.")

    package static let unispeechSAT = NameRules(prefix: "unispeech_sat.")

    /// data2vec audio, with several positional convolutions.
    package static let data2vec = NameRules(
        prefix: "data2vec_audio.", more: ["encoder.pos_conv_embed.layers.*.conv.@"])

    /// WavLM, with what attention adds for distances; the first layer has the table of all.
    package static let wavLM = NameRules(
        prefix: "wavlm.",
        more: [
            "encoder.layers.*.attention.gru_rel_pos_const",
            "encoder.layers.*.attention.gru_rel_pos_linear.@",
            "encoder.layers.*.attention.rel_attn_embed.weight",
        ])

    /// SEW, whose projection is no module of its own.
    package static let sew = NameRules(
        prefix: "sew.", more: ["encoder.upsample.projection.@"],
        renamed: [
            ("layer_norm.@", "feature_projection.layer_norm.@"),
            ("feature_projection.@", "feature_projection.projection.@"),
        ])

    /// What layers of conformers have, as transformers' wav2vec2-conformer and w2v-BERT 2.0 call it.
    private static let conformerNames = [
        "ffn1.intermediate_dense.@", "ffn1.output_dense.@", "ffn1_layer_norm.@",
        "ffn2.intermediate_dense.@", "ffn2.output_dense.@", "ffn2_layer_norm.@",
        "self_attn_layer_norm.@", "conv_module.layer_norm.@",
        "conv_module.pointwise_conv1.weight", "conv_module.pointwise_conv2.weight",
        "conv_module.depthwise_conv.weight",
    ].map { "encoder.layers.*.\($0)" }

    private static func attentionNames(_ layers: String) -> [(String, String)] {
        [
            ("linear_q", "q_proj"), ("linear_k", "k_proj"), ("linear_v", "v_proj"),
            ("linear_out", "out_proj"),
        ].map { ("\(layers).*.self_attn.\($0.0).@", "\(layers).*.attention.\($0.1).@") }
    }

    /// w2v-BERT 2.0, whose adapter has attention, too.
    package static let w2vBERT = NameRules(
        prefix: "wav2vec2_bert.",
        more: conformerNames + [
            "encoder.layers.*.conv_module.depthwise_layer_norm.@", "adapter.proj.@",
            "adapter.proj_layer_norm.@",
        ]
            + [
                "residual_layer_norm.@", "residual_conv.@", "self_attn_layer_norm.@",
                "self_attn_conv.@", "ffn_layer_norm.@", "ffn.intermediate_dense.@",
                "ffn.output_dense.@",
            ].map { "adapter.layers.*.\($0)" },
        renamed: attentionNames("encoder.layers") + attentionNames("adapter.layers") + [
            (
                "encoder.layers.*.self_attn.distance_embedding.weight",
                "encoder.layers.*.attention.distance_embedding.weight"
            )
        ])

    /// Parakeet, whose layers are a conformer's under other names.
    package static let parakeet = NameRules(
        prefixes: [],
        rules: [
            ("norm_feed_forward1", "ffn1_layer_norm"),
            ("feed_forward1.linear1", "ffn1.intermediate_dense"),
            ("feed_forward1.linear2", "ffn1.output_dense"),
            ("norm_self_att", "self_attn_layer_norm"), ("self_attn.q_proj", "attention.q_proj"),
            ("self_attn.k_proj", "attention.k_proj"), ("self_attn.v_proj", "attention.v_proj"),
            ("self_attn.o_proj", "attention.out_proj"), ("norm_conv", "conv_module.layer_norm"),
            ("conv.pointwise_conv1", "conv_module.pointwise_conv1"),
            ("conv.depthwise_conv", "conv_module.depthwise_conv"),
            ("conv.norm", "conv_module.batch_norm"),
            ("conv.pointwise_conv2", "conv_module.pointwise_conv2"),
            ("norm_feed_forward2", "ffn2_layer_norm"),
            ("feed_forward2.linear1", "ffn2.intermediate_dense"),
            ("feed_forward2.linear2", "ffn2.output_dense"), ("norm_out", "final_layer_norm"),
        ].map { ("encoder.layers.*.\($0.0).@", ["encoder.layers.*.\($0.1).@"]) }
            + [
                ("self_attn.relative_k_proj.weight", "attention.linear_pos.weight"),
                ("self_attn.bias_u", "attention.pos_bias_u"),
                ("self_attn.bias_v", "attention.pos_bias_v"),
                ("conv.norm.running_mean", "conv_module.batch_norm.running_mean"),
                ("conv.norm.running_var", "conv_module.batch_norm.running_var"),
            ].map { ("encoder.layers.*.\($0.0)", ["encoder.layers.*.\($0.1)"]) }
            + [
                ("encoder.subsampling.layers.*.@", "subsampling.layers.*.@"),
                ("encoder.subsampling.linear.@", "subsampling.linear.@"),
                ("ctc_head.@", "lm_head.@"),
            ].map { ($0.0, [$0.1]) })

    /// wav2vec2-conformer, which stores a positional convolution that nothing applies.
    package static let conformer = NameRules(
        prefix: "wav2vec2_conformer.",
        more: conformerNames
            + [
                "conv_module.batch_norm.@", "conv_module.batch_norm.running_mean",
                "conv_module.batch_norm.running_var",
            ].map { "encoder.layers.*.\($0)" },
        renamed: attentionNames("encoder.layers")
            + [
                ("self_attn.linear_pos.weight", "attention.linear_pos.weight"),
                ("self_attn.pos_bias_u", "attention.pos_bias_u"),
                ("self_attn.pos_bias_v", "attention.pos_bias_v"),
            ].map { ("encoder.layers.*.\($0.0)", "encoder.layers.*.\($0.1)") },
        unused: [
            "encoder.embed_positions.inv_freq", "encoder.pos_conv_embed.conv.bias",
            "encoder.pos_conv_embed.conv.weight_g", "encoder.pos_conv_embed.conv.weight_v",
            "encoder.pos_conv_embed.conv.parametrizations.weight.original0",
            "encoder.pos_conv_embed.conv.parametrizations.weight.original1",
        ])

    /// transformers' OmniASRForCTC: wav2vec 2.0 under other names, its positional weight folded.
    package static let omnilingual = NameRules(
        prefixes: ["model.audio_tower.", "audio_tower."],
        rules: [
            ("subsampling.conv_layers.*.conv.@", "feature_extractor.conv_layers.*.conv.@"),
            (
                "subsampling.conv_layers.*.layer_norm.@",
                "feature_extractor.conv_layers.*.layer_norm.@"
            ),
            ("subsampling.layer_norm.@", "feature_projection.layer_norm.@"),
            ("subsampling.projection.@", "feature_projection.projection.@"),
            ("encode_positions.conv.@", "encoder.pos_conv_embed.conv.@"),
            ("layer_norm.@", "encoder.layer_norm.@"), ("ctc_head.@", "lm_head.@"),
        ].map { ($0.0, [$0.1]) }
            + [
                "attention.q_proj", "attention.k_proj", "attention.v_proj", "attention.out_proj",
                "layer_norm", "feed_forward.intermediate_dense", "feed_forward.output_dense",
                "final_layer_norm",
            ].map { ("layers.*.\($0).@", ["encoder.layers.*.\($0).@"]) })

    /// fairseq2, in which Omnilingual ASR was made.
    package static let fairseq2 = NameRules(
        prefixes: [],
        rules: [
            ("feature_extractor.layers.*.conv.@", "feature_extractor.conv_layers.*.conv.@"),
            (
                "feature_extractor.layers.*.layer_norm.@",
                "feature_extractor.conv_layers.*.layer_norm.@"
            ),
            (
                "feature_extractor.layers.*.group_norm.@",
                "feature_extractor.conv_layers.*.layer_norm.@"
            ),
            ("post_extract_layer_norm.@", "feature_projection.layer_norm.@"),
            ("model_dim_proj.@", "feature_projection.projection.@"),
            ("pos_encoder.conv.bias", "encoder.pos_conv_embed.conv.bias"),
            ("pos_encoder.conv.weight_g", "encoder.pos_conv_embed.conv.weight_g"),
            ("pos_encoder.conv.weight_v", "encoder.pos_conv_embed.conv.weight_v"),
            ("layer_norm.@", "encoder.layer_norm.@"),
        ].map { ("encoder_frontend.\($0.0)", [$0.1]) }
            + [
                ("self_attn_layer_norm", "layer_norm"),
                ("self_attn.q_proj", "attention.q_proj"), ("self_attn.k_proj", "attention.k_proj"),
                ("self_attn.v_proj", "attention.v_proj"),
                ("self_attn.output_proj", "attention.out_proj"),
                ("ffn_layer_norm", "final_layer_norm"),
                ("ffn.inner_proj", "feed_forward.intermediate_dense"),
                ("ffn.output_proj", "feed_forward.output_dense"),
            ].map { ("encoder.layers.*.\($0.0).@", ["encoder.layers.*.\($0.1).@"]) }
            + [
                ("encoder.layer_norm.@", ["encoder.layer_norm.@"]), ("final_proj.@", ["lm_head.@"]),
                ("masker.temporal_mask_embed", []),
            ])

    /// torchaudio's bundles: Hugging Face's names in other modules, and `aux` for the head; WavLM's queries, keys and
    /// values are one matrix (torchaudio 2.8, models/wav2vec2).
    package static let torchaudio: NameRules = {
        let layer = "encoder.transformer.layers.*"
        let canonical = "encoder.layers.*"
        let heads = ["q_proj", "k_proj", "v_proj"]
        let parts =
            (heads + ["out_proj"]).map { "attention.\($0).@" } + [
                "layer_norm.@", "feed_forward.intermediate_dense.@", "feed_forward.output_dense.@",
                "final_layer_norm.@", "attention.gru_rel_pos_const",
                "attention.gru_rel_pos_linear.@", "attention.rel_attn_embed.weight",
            ]
        var rules = extractorRules("conv", "layer_norm")
        rules += positionalRules("transformer.pos_conv_embed.conv")
        rules += [
            ("encoder.feature_projection.layer_norm.@", ["feature_projection.layer_norm.@"]),
            ("encoder.feature_projection.projection.@", ["feature_projection.projection.@"]),
            ("encoder.transformer.layer_norm.@", ["encoder.layer_norm.@"]),
            ("aux.@", ["lm_head.@"]),
            ("\(layer).attention.attention.out_proj.@", ["\(canonical).attention.out_proj.@"]),
        ]
        rules += ["weight", "bias"].map { kind in
            (
                "\(layer).attention.attention.in_proj_\(kind)",
                heads.map { "\(canonical).attention.\($0).\(kind)" }
            )
        }
        rules += parts.map { ("\(layer).\($0)", ["\(canonical).\($0)"]) }
        return NameRules(prefixes: [], rules: rules)
    }()
}
