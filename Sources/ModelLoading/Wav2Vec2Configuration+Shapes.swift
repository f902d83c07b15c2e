internal import Checkpoints
internal import EncoderBlocks
internal import ModelFamilies
internal import Wav2Vec2

extension Wav2Vec2Configuration {
    /// What the shapes of tensors tell of a checkpoint that is nothing but them, and the number of heads.
    ///
    /// Whether norms come before and what is done to waveforms they do not tell.
    ///
    /// - Parameter folder: whose config.json may tell what neither shapes nor the width do.
    /// - Throws: `refused` where a tensor that tells a size is not there, or strides are not known.
    init(
        shapesOf tensors: CheckpointTensors, in folder: any CheckpointFolder, path: String
    ) throws(CheckpointError) {
        func shape(_ name: String, dimensions: Int) throws(CheckpointError) -> [Int] {
            guard let shape = tensors.tensors[name]?.shape, shape.count == dimensions else {
                throw CheckpointError(
                    .refused, path: path,
                    "has no \(name) of \(dimensions) dimensions under its project's name for it, "
                        + "without which its sizes are not known")
            }
            return shape
        }
        self.init()
        let usual = convLayers
        convLayers = []
        for (index, layer) in usual.enumerated() {
            let shape = try shape(
                "feature_extractor.conv_layers.\(index).conv.weight", dimensions: 3)
            convLayers.append(.init(channels: shape[0], kernel: shape[2], stride: layer.stride))
        }
        // Strides leave no trace in shapes; with other kernels they are likely to be others, too.
        guard convLayers.map(\.kernel) == usual.map(\.kernel) else {
            throw CheckpointError(
                .refused, path: path,
                "has convolutions with kernels \(convLayers.map(\.kernel)), whose strides are not known; "
                    + "those of wav2vec 2.0 are read")
        }
        extractorNorm =
            tensors.contains("feature_extractor.conv_layers.1.layer_norm.weight") ? .layer : .group
        hasConvBias = tensors.contains("feature_extractor.conv_layers.0.conv.bias")
        let direction = try shape("encoder.pos_conv_embed.conv.weight_v", dimensions: 3)
        guard direction[1] > 0 else {
            throw CheckpointError(.damaged, path: path, "has a positional weight without channels")
        }
        hiddenWidth = direction[0]
        positionalGroups = direction[0] / direction[1]
        positionalKernel = direction[2]
        feedForwardWidth =
            try shape("encoder.layers.0.feed_forward.intermediate_dense.weight", dimensions: 2)[0]
        encoderLayers =
            (0..<1_000).first { tensors.tensors["encoder.layers.\($0).layer_norm.weight"] == nil }
            ?? 1_000
        hasProjection = tensors.contains("feature_projection.projection.weight")
        classes = try shape("lm_head.weight", dimensions: 2)[0]
        let fields = try folder.object("config.json").map {
            HuggingFaceFields($0, path: "\(folder.path)/config.json")
        }
        if tensors.contains("encoder.layers.0.attention.rel_attn_embed.weight") {
            let table = try shape(
                "encoder.layers.0.attention.rel_attn_embed.weight", dimensions: 2)
            attentionPositions = .buckets(
                count: table[0], distanceMax: try fields?.int("max_bucket_distance") ?? 800)
            attentionHeads = table[1]
        } else {
            attentionHeads = try Self.heads(
                of: hiddenWidth, try fields?.int("num_attention_heads"), path: path)
        }
    }

    /// Those that every published model of this width has, which shapes do not tell, if none are `stated`.
    private static func heads(
        of width: Int, _ stated: Int?, path: String
    ) throws(CheckpointError) -> Int {
        if let stated { return stated }
        guard let heads = [768: 12, 1_024: 16, 1_280: 16, 2_048: 16][width] else {
            throw CheckpointError(
                .refused, path: path,
                "is a model of width \(width), whose tensors do not tell its number of attention heads; "
                    + "write it into a config.json beside the file: {\"num_attention_heads\": 16}")
        }
        return heads
    }
}
