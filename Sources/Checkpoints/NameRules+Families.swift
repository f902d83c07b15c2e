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
}
