internal import Checkpoints
internal import ModelFamilies
internal import SpeechTypes
internal import StrictJSON
internal import TokenizerFiles
internal import Wav2Vec2

/// A checkpoint of fairseq2's `wav2vec2_asr`, as Omnilingual ASR publishes them: tensors and nothing else.
///
/// Sizes follow from shapes, but for the number of heads; symbols stand in a SentencePiece model beside it.
enum FairseqTwoModel {
    /// Whether tensors are named as fairseq2 names them.
    static func recognizes(_ stored: [StoredTensor]) -> Bool {
        stored.contains { NameRules.fairseq2.strip($0.name).hasPrefix("encoder_frontend.") }
    }

    /// - Parameters:
    ///   - folder: with the tokenizer.
    ///   - labels: a tokenizer in place of the folder's.
    static func load(
        _ stored: [StoredTensor], of archive: TorchArchive, in folder: any CheckpointFolder,
        labels: FileBytes?
    ) throws(CheckpointError) -> LoadedModel {
        let path = archive.file.path
        let tensors = try CheckpointTensors(stored, rules: .fairseq2, path: path)
        guard tensors.contains("lm_head.weight") else {
            throw CheckpointError(
                .refused, path: path,
                "has no CTC head (final_proj): it is pre-trained only; a model fine-tuned for CTC is "
                    + "needed, such as omniASR-CTC-300M.pt")
        }
        let configuration = NetworkConfiguration.waveform(
            try configuration(tensors, in: folder, path: path))
        let (vocabulary, file) = try vocabulary(
            labels, in: folder, classes: configuration.classes, path: path)
        try ModelLoader.check(tensors, configuration, vocabulary, path: path)
        return LoadedModel(
            path: path, framework: .fairseq2, family: "Omnilingual ASR", container: archive.format,
            configuration: configuration, vocabulary: vocabulary,
            sampleRate: configuration.sampleRate, blankWeight: 0, blankMode: .add,
            tensors: tensors, warnings: [], language: nil, languages: [], library: nil,
            files: [archive.file, file])
    }

    // MARK: Sizes

    /// Heads by the width of the model: shapes do not tell them.
    private static let headsOfWidth = [768: 12, 1_024: 16, 1_280: 16, 2_048: 16]

    private static func configuration(
        _ tensors: CheckpointTensors, in folder: any CheckpointFolder, path: String
    ) throws(CheckpointError) -> Wav2Vec2Configuration {
        func shape(_ name: String, dimensions: Int) throws(CheckpointError) -> [Int] {
            guard let shape = tensors.tensors[name]?.shape, shape.count == dimensions else {
                throw CheckpointError(
                    .refused, path: path,
                    "has no \(name) of \(dimensions) dimensions under its name in fairseq2, without "
                        + "which its sizes are not known")
            }
            return shape
        }
        var result = Wav2Vec2Configuration()
        let strides = result.convLayers.map(\.stride)
        var layers: [Wav2Vec2Configuration.ConvLayer] = []
        for (index, stride) in strides.enumerated() {
            let shape = try shape(
                "feature_extractor.conv_layers.\(index).conv.weight", dimensions: 3)
            layers.append(.init(channels: shape[0], kernel: shape[2], stride: stride))
        }
        // Strides leave no trace in shapes; with other kernels they are likely to be others, too.
        guard layers.map(\.kernel) == result.convLayers.map(\.kernel) else {
            throw CheckpointError(
                .refused, path: path,
                "has convolutions with kernels \(layers.map(\.kernel)), whose strides are not known; "
                    + "those of wav2vec 2.0 are read")
        }
        result.convLayers = layers
        result.extractorNorm =
            tensors.contains("feature_extractor.conv_layers.1.layer_norm.weight") ? .layer : .group
        result.hasConvBias = tensors.contains("feature_extractor.conv_layers.0.conv.bias")
        let direction = try shape("encoder.pos_conv_embed.conv.weight_v", dimensions: 3)
        guard direction[1] > 0 else {
            throw CheckpointError(.damaged, path: path, "has a positional weight without channels")
        }
        result.hiddenWidth = direction[0]
        result.positionalGroups = direction[0] / direction[1]
        result.positionalKernel = direction[2]
        result.feedForwardWidth =
            try shape("encoder.layers.0.feed_forward.intermediate_dense.weight", dimensions: 2)[0]
        result.encoderLayers =
            (0..<1_000).first { tensors.tensors["encoder.layers.\($0).layer_norm.weight"] == nil }
            ?? 1_000
        result.hasProjection = tensors.contains("feature_projection.projection.weight")
        let isPreNorm = tensors.tensors["encoder.layer_norm.weight"].map {
            !$0.name.contains("encoder_frontend.")
        }
        result.isPreNorm = isPreNorm ?? true
        // Base models, whose norms come after, were trained on waveforms as they are.
        result.inputNormalization = result.isPreNorm ? .init(epsilon: 1e-5) : nil
        result.classes = try shape("lm_head.weight", dimensions: 2)[0]
        result.attentionHeads = try heads(of: result.hiddenWidth, in: folder, path: path)
        try result.check(path: path)
        return result
    }

    private static func heads(
        of width: Int, in folder: any CheckpointFolder, path: String
    ) throws(CheckpointError) -> Int {
        if let object = try folder.object("config.json"),
            let heads = try HuggingFaceFields(object, path: "\(folder.path)/config.json")
                .int("num_attention_heads")
        {
            return heads
        }
        guard let heads = headsOfWidth[width] else {
            throw CheckpointError(
                .refused, path: path,
                "is a fairseq2 model of width \(width), which does not tell its number of attention heads; "
                    + "write it into a config.json beside the file: {\"num_attention_heads\": 16}")
        }
        return heads
    }

    // MARK: Symbols

    /// Names under which tokenizers are published beside checkpoints.
    private static let tokenizerNames = [
        "tokenizer.model", "omniASR_tokenizer_written_v2.model", "omniASR_tokenizer.model",
        "omniASR_tokenizer_v7.model", "tokenizer.json",
    ]

    private static func vocabulary(
        _ labels: FileBytes?, in folder: any CheckpointFolder, classes: Int, path: String
    ) throws(CheckpointError) -> (Vocabulary, FileBytes) {
        var file = labels
        for name in tokenizerNames where file == nil {
            guard let candidate = try folder.file(name) else { continue }
            // Both versions of Omnilingual's may lie in one folder.
            if try PieceTokenizer(candidate).pieces.count == classes { file = candidate }
        }
        guard let file else {
            throw CheckpointError(
                .refused, path: path,
                "does not name its \(classes) symbols; put its SentencePiece model beside it as "
                    + "tokenizer.model, or give it with --labels. Omnilingual ASR publishes "
                    + "omniASR_tokenizer.model (9812) and omniASR_tokenizer_written_v2.model (10288)"
            )
        }
        // CTC's blank is the first piece, whatever it is called.
        return (
            try PieceTokenizer(file).vocabulary(blank: 0, classes: classes, modelPath: path), file
        )
    }
}
