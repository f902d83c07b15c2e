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

    private static func configuration(
        _ tensors: CheckpointTensors, in folder: any CheckpointFolder, path: String
    ) throws(CheckpointError) -> Wav2Vec2Configuration {
        var result = try Wav2Vec2Configuration(shapesOf: tensors, in: folder, path: path)
        let isPreNorm = tensors.tensors["encoder.layer_norm.weight"].map {
            !$0.name.contains("encoder_frontend.")
        }
        result.isPreNorm = isPreNorm ?? true
        // Base models, whose norms come after, were trained on waveforms as they are.
        result.inputNormalization = result.isPreNorm ? .init(epsilon: 1e-5) : nil
        try result.check(path: path)
        return result
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
