internal import Checkpoints
internal import EncoderBlocks
internal import Wav2Vec2

extension Wav2Vec2Configuration {
    /// wav2vec 2.0, and what is the same under another prefix.
    init(wav2vec2 description: ModelFamily.Description) throws(CheckpointError) {
        try self.init(unchecked: description)
        try check(path: description.fields.path)
    }

    /// HuBERT: features without a norm, and positions behind a batch norm.
    init(hubert description: ModelFamily.Description) throws(CheckpointError) {
        let fields = description.fields
        try self.init(unchecked: description)
        hasFeatureNorm = try fields.bool("feat_proj_layer_norm") ?? true
        if try fields.bool("conv_pos_batch_norm") ?? false { positionalForm = .batchNorm }
        try check(path: fields.path)
    }

    /// data2vec audio: `num_conv_pos_embeddings` counts layers of kernels that have a field of their own.
    init(data2vec description: ModelFamily.Description) throws(CheckpointError) {
        let fields = description.fields
        try self.init(unchecked: description)
        extractorNorm = .layer
        isPreNorm = false
        positionalForm = .stack(layers: try fields.int("num_conv_pos_embeddings") ?? 5)
        positionalKernel = try fields.int("conv_pos_kernel_size") ?? 19
        try check(path: fields.path)
    }

    /// WavLM: scores of attention know in which bucket a distance is.
    init(wavLM description: ModelFamily.Description) throws(CheckpointError) {
        let fields = description.fields
        try self.init(unchecked: description)
        attentionPositions = .buckets(
            count: try fields.int("num_buckets") ?? 320,
            distanceMax: try fields.int("max_bucket_distance") ?? 800)
        try check(path: fields.path)
    }

    /// SEW: the encoder works on groups of frames.
    init(sew description: ModelFamily.Description) throws(CheckpointError) {
        let fields = description.fields
        try self.init(unchecked: description)
        if ["conv_dim", "conv_kernel", "conv_stride"].allSatisfy({ !fields.isSet($0) }) {
            convLayers = Self.sewConvolutions
        }
        isPreNorm = false
        squeezeFactor = try fields.int("squeeze_factor") ?? 2
        hasProjection = featureWidth != hiddenWidth
        try check(path: fields.path)
    }

    private static let sewConvolutions: [ConvLayer] = zip(
        [64, 128, 128, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512],
        [
            (10, 5), (3, 2), (1, 1), (3, 2), (1, 1), (3, 2), (1, 1), (3, 2), (1, 1), (2, 2), (1, 1),
            (2, 2), (1, 1),
        ]
    ).map { ConvLayer(channels: $0, kernel: $1.0, stride: $1.1) }

    /// wav2vec2-conformer, in which `do_stable_layer_norm` means nothing.
    init(conformer description: ModelFamily.Description) throws(CheckpointError) {
        let fields = description.fields
        try self.init(unchecked: description)
        isPreNorm = true
        positionalForm = .none
        conformer = Conformer(
            depthwiseKernel: try fields.int("conv_depthwise_kernel_size") ?? 31)
        switch try fields.string("position_embeddings_type") {
        case "relative": attentionPositions = .relative
        case "rotary":
            attentionPositions = .rotaryInput(
                base: try fields.double("rotary_embedding_base") ?? 10_000)
        case nil: attentionPositions = fields.isNull("position_embeddings_type") ? .none : .relative
        case let other?:
            throw fields.refused(
                "position_embeddings_type is \(other); relative, rotary and null are known here")
        }
        try check(path: fields.path)
    }

    /// OmniASRForCTC, whose network is described by a part of config.json.
    init(omnilingual description: ModelFamily.Description) throws(CheckpointError) {
        let outer = description.fields
        let fields = outer.object("audio_config") ?? outer
        try self.init(
            unchecked: .init(
                fields: fields, extractor: description.extractor, normalizes: description.normalizes
            ))
        extractorNorm = .layer
        hasConvBias = try fields.bool("conv_bias") ?? true
        convActivation = activation
        hiddenWidth = try fields.int("hidden_size") ?? 1_024
        feedForwardWidth = try fields.int("intermediate_size") ?? 4_096
        attentionHeads = try fields.int("num_attention_heads") ?? 16
        encoderLayers = try fields.int("num_hidden_layers") ?? 24
        isPreNorm = true
        positionalForm = .plain
        if description.normalizes { inputNormalization = .init(epsilon: 1e-5) }
        classes = try outer.int("vocab_size") ?? 10_288
        guard positionalKernel.isMultiple(of: 2) else {
            throw outer.refused(
                "has a positional kernel of \(positionalKernel); OmniASRForCTC drops a frame that only "
                    + "even kernels give")
        }
        try check(path: outer.path)
    }
}
