package import Checkpoints
internal import EncoderBlocks
package import Wav2Vec2

/// Where the settings of a fairseq or NVIDIA checkpoint stand: the first place that has one wins.
package struct TrainingArguments: Sendable {
    /// The file, for messages.
    package let path: String
    package let places: [PickledSettings]

    package init(path: String, places: [PickledSettings]) {
        self.path = path
        self.places = places
    }

    /// The setting `name` as `read` understands it; nil where no place has it.
    package func value<Value>(
        _ name: String, _ kind: String, _ read: (PickledSettings) -> Value?
    ) throws(CheckpointError) -> Value? {
        for place in places {
            guard let setting = place[name] else { continue }
            guard let value = read(setting) else {
                throw CheckpointError(
                    .damaged, path: path, "the training argument \(name) is not \(kind)")
            }
            return value
        }
        return nil
    }

    package func int(_ name: String) throws(CheckpointError) -> Int? {
        try value(name, "a whole number") { $0.int }
    }

    package func bool(_ name: String) throws(CheckpointError) -> Bool? {
        try value(name, "true or false") { $0.bool }
    }

    package func string(_ name: String) throws(CheckpointError) -> String? {
        try value(name, "a text") { $0.string }
    }

    package func double(_ name: String) throws(CheckpointError) -> Double? {
        try value(name, "a number") { $0.double }
    }
}

extension Wav2Vec2Configuration {
    /// Sizes and variants from training arguments; what they leave out is taken from the tensors'
    /// shapes where shapes tell it, else from the Base model.
    ///
    /// - Parameters:
    ///   - arguments: the architecture's own arguments.
    ///   - normalizes: whether the task's arguments normalise the waveform.
    package init(
        fairseq arguments: TrainingArguments, normalizes: Bool, tensors: CheckpointTensors
    ) throws(CheckpointError) {
        self.init()
        func shape(_ name: String) -> [Int]? { tensors.tensors[name]?.shape }
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: arguments.path, message)
        }
        if try arguments.bool("use_spectrogram_features") ?? false {
            throw refused(
                "reads spectrograms (use_spectrogram_features); only waveforms are read here")
        }
        if let depth = try arguments.int("pos_conv_depth"), depth > 1 {
            throw refused(
                "has a positional convolution of depth \(depth); only depth 1 is known here")
        }
        if let type = try arguments.string("layer_type"), type != "transformer" {
            throw refused("has layers of type \(type); only transformer layers are known here")
        }

        extractorNorm = try Self.extractorNorm(arguments, tensors)
        if let text = try arguments.string("conv_feature_layers") {
            guard let layers = ConvLayerList.parse(text) else {
                throw refused(
                    "conv_feature_layers is \"\(text.prefix(100))\", which is not a layer list")
            }
            convLayers = layers
        } else {
            for index in convLayers.indices {
                let found = shape("feature_extractor.conv_layers.\(index).conv.weight")?.first
                convLayers[index].channels = found ?? convLayers[index].channels
            }
        }
        hasConvBias =
            try arguments.bool("conv_bias")
            ?? tensors.contains("feature_extractor.conv_layers.0.conv.bias")
        hiddenWidth =
            try arguments.int("encoder_embed_dim") ?? shape("encoder.layer_norm.weight")?.first
            ?? hiddenWidth
        let inner = "encoder.layers.0.feed_forward.intermediate_dense.weight"
        feedForwardWidth =
            try arguments.int("encoder_ffn_embed_dim") ?? shape(inner)?.first ?? feedForwardWidth
        attentionHeads = try arguments.int("encoder_attention_heads") ?? attentionHeads
        activation = try Self.activation(arguments)
        isPreNorm = try arguments.bool("layer_norm_first") ?? false
        let direction = shape("encoder.pos_conv_embed.conv.weight_v") ?? []
        positionalKernel =
            try arguments.int("conv_pos")
            ?? (direction.count == 3 ? direction[2] : positionalKernel)
        positionalGroups =
            try arguments.int("conv_pos_groups")
            ?? (direction.count == 3 && direction[1] > 0
                ? direction[0] / direction[1] : positionalGroups)
        usesRotaryEmbeddings = try arguments.bool("rotary_embeddings") ?? false
        hourglass = try Self.hourglass(arguments)
        encoderLayers =
            try arguments.int("encoder_layers")
            ?? (0..<1_000).first { shape("encoder.layers.\($0).layer_norm.weight") == nil }
            ?? encoderLayers
        hasProjection = featureWidth != hiddenWidth
        inputNormalization = normalizes ? .init(epsilon: 1e-5) : nil
        classes = shape("lm_head.weight")?.first ?? classes
        try check(path: arguments.path)
    }

    private static func extractorNorm(
        _ arguments: TrainingArguments, _ tensors: CheckpointTensors
    ) throws(CheckpointError) -> ExtractorNorm {
        switch try arguments.string("extractor_mode") {
        case "default": return .group
        case "layer_norm": return .layer
        case nil:
            return tensors.contains("feature_extractor.conv_layers.1.layer_norm.weight")
                ? .layer : .group
        case let mode?:
            throw CheckpointError(
                .refused, path: arguments.path, "has the unknown extractor_mode \(mode)")
        }
    }

    private static func activation(
        _ arguments: TrainingArguments
    ) throws(CheckpointError) -> Activation {
        switch try arguments.string("activation_fn") {
        case nil, "gelu": return .gelu
        case "gelu_accurate", "gelu_fast": return .geluTanh
        case "relu": return .relu
        case "tanh": return .tanh
        case "linear": return .linear
        case let name?:
            throw CheckpointError(
                .refused, path: arguments.path, "has the unknown activation_fn \(name)")
        }
    }

    private static func hourglass(
        _ arguments: TrainingArguments
    ) throws(CheckpointError) -> Hourglass? {
        guard let text = try arguments.string("hourglass_transformer"), text != "None" else {
            return nil
        }
        return try Hourglass(
            schedule: text, resampling: try arguments.string("hourglass_resample"),
            path: arguments.path)
    }
}

extension Wav2Vec2Configuration.Hourglass {
    /// - Parameters:
    ///   - schedule: `[before,(shortened,factor),after]`.
    ///   - resampling: `naive` (also if nil) or `linear`.
    init(schedule: String, resampling: String?, path: String) throws(CheckpointError) {
        guard let parsed = HourglassSchedule.parse(schedule) else {
            throw CheckpointError(
                .refused, path: path,
                "hourglass_transformer is \"\(schedule.prefix(100))\"; expected "
                    + "[before,(shortened,factor),after]")
        }
        guard let resampling = Resampling(rawValue: resampling ?? "naive") else {
            throw CheckpointError(
                .refused, path: path,
                "hourglass_resample is \"\(resampling ?? "")\"; naive and linear are known here")
        }
        self.init(
            layersBefore: parsed.before, layersShortened: parsed.shortened, factor: parsed.factor,
            layersAfter: parsed.after, resampling: resampling)
    }
}
