internal import Checkpoints
internal import EncoderBlocks
internal import StrictJSON
internal import Wav2Vec2

extension Wav2Vec2Configuration {
    /// What all families of wav2vec 2.0's shape have fields for; whoever calls this checks the result.
    init(unchecked description: ModelFamily.Description) throws(CheckpointError) {
        self.init()
        let fields = description.fields
        extractorNorm = try Self.extractorNorm(fields)
        convLayers = try Self.convLayers(fields) ?? convLayers
        hasConvBias = try fields.bool("conv_bias") ?? false
        convActivation = try fields.activation("feat_extract_activation")
        hiddenWidth = try fields.int("hidden_size") ?? hiddenWidth
        feedForwardWidth = try fields.int("intermediate_size") ?? feedForwardWidth
        attentionHeads = try fields.int("num_attention_heads") ?? attentionHeads
        encoderLayers = try fields.int("num_hidden_layers") ?? encoderLayers
        activation = try fields.activation("hidden_act")
        isPreNorm = try fields.bool("do_stable_layer_norm") ?? false
        positionalKernel = try fields.int("num_conv_pos_embeddings") ?? positionalKernel
        positionalGroups = try fields.int("num_conv_pos_embedding_groups") ?? positionalGroups
        if let epsilon = try fields.double("layer_norm_eps") { layerNormEpsilon = Float(epsilon) }
        classes = try fields.int("vocab_size") ?? classes
        adapterWidth = try fields.int("adapter_attn_dim")
        inputNormalization = description.normalizes ? .init(epsilon: 1e-7) : nil
        if let schedule = try Self.schedule(fields) {
            hourglass = try Hourglass(
                schedule: schedule, resampling: try fields.string("hourglass_resample"),
                path: fields.path)
        }
    }

    /// - Throws: `refused` for what has parts that are not computed here.
    static func refuseOtherKinds(
        _ fields: HuggingFaceFields
    ) throws(CheckpointError) {
        if try fields.bool("add_adapter") ?? false {
            throw fields.refused(
                "has an adapter after the encoder (add_adapter), which is not supported")
        }
        let isStable = try fields.bool("do_stable_layer_norm") ?? false
        if fields.isSet("adapter_attn_dim"), !isStable {
            throw fields.refused(
                "asks for language adapters (adapter_attn_dim) in layers without stable layer norm, "
                    + "where transformers makes none; set do_stable_layer_norm if the model was trained "
                    + "so")
        }
    }

    private static func extractorNorm(
        _ fields: HuggingFaceFields
    ) throws(CheckpointError) -> ExtractorNorm {
        guard let name = try fields.string("feat_extract_norm") else { return .group }
        guard let norm = ExtractorNorm(rawValue: name) else {
            throw fields.refused("feat_extract_norm is \(name); group and layer are known")
        }
        return norm
    }

    private static func convLayers(
        _ fields: HuggingFaceFields
    ) throws(CheckpointError) -> [ConvLayer]? {
        let channels = try fields.ints("conv_dim")
        let kernels = try fields.ints("conv_kernel")
        let strides = try fields.ints("conv_stride")
        if channels == nil, kernels == nil, strides == nil { return nil }
        let base = Wav2Vec2Configuration().convLayers
        let sizes = (
            channels ?? base.map { $0.channels }, kernels ?? base.map { $0.kernel },
            strides ?? base.map { $0.stride }
        )
        guard sizes.0.count == sizes.1.count, sizes.1.count == sizes.2.count else {
            throw fields.refused("conv_dim, conv_kernel and conv_stride have different lengths")
        }
        return sizes.0.indices.map {
            ConvLayer(channels: sizes.0[$0], kernel: sizes.1[$0], stride: sizes.2[$0])
        }
    }

    /// The hourglass as text, or as the list that JSON makes of it.
    private static func schedule(
        _ fields: HuggingFaceFields
    ) throws(CheckpointError) -> String? {
        guard let value = fields.value("hourglass_transformer") else { return nil }
        if let text = value.string { return text }
        guard let list = value.array, list.count == 3, let before = list[0].int,
            let middle = list[1].array, middle.count == 2, let shortened = middle[0].int,
            let factor = middle[1].int, let after = list[2].int
        else {
            throw fields.refused(
                "hourglass_transformer must be [before,(shortened,factor),after]")
        }
        return "[\(before),(\(shortened),\(factor)),\(after)]"
    }
}
