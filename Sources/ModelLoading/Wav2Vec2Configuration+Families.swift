internal import Checkpoints
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
}
