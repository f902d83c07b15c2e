internal import Checkpoints
internal import EncoderBlocks
internal import ModelFamilies
internal import SpeechTypes
internal import Wav2Vec2

/// A state dictionary of torchaudio's wav2vec 2.0, HuBERT or WavLM: tensors and nothing else.
///
/// Sizes follow from shapes, and from the extractor's norm what shapes do not tell: bundles with layer norms in every
/// convolution (LV60K, XLSR, HuBERT and WavLM Large) have norms before each part and take normalised waveforms, the
/// others neither (torchaudio 2.8, pipelines/_wav2vec2/impl.py).
enum TorchaudioModel {
    /// Whether tensors are named as torchaudio names them.
    static func recognizes(_ stored: [StoredTensor]) -> Bool {
        stored.contains {
            NameRules.torchaudio.strip($0.name).hasPrefix("encoder.transformer.")
        }
    }

    /// - Parameters:
    ///   - folder: whose config.json may tell the number of heads.
    ///   - labels: the symbols of the head, which the file does not name.
    static func load(
        _ stored: [StoredTensor], of archive: TorchArchive, in folder: any CheckpointFolder,
        labels: FileBytes?
    ) throws(CheckpointError) -> LoadedModel {
        let path = archive.file.path
        let tensors = try CheckpointTensors(stored, rules: .torchaudio, path: path)
        guard tensors.contains("lm_head.weight") else {
            throw CheckpointError(
                .refused, path: path,
                "has no CTC head (aux): it is pre-trained only; take one of torchaudio's ASR bundles, such as "
                    + "WAV2VEC2_ASR_BASE_960H")
        }
        var sizes = try Wav2Vec2Configuration(shapesOf: tensors, in: folder, path: path)
        sizes.isPreNorm = sizes.extractorNorm == .layer
        sizes.inputNormalization = sizes.isPreNorm ? .init(epsilon: 1e-5) : nil
        try sizes.check(path: path)
        guard let labels else {
            throw CheckpointError(
                .refused, path: path,
                "does not name its \(sizes.classes) symbols; give the label file of the model that the bundle "
                    + "was made of with --labels dict.ltr.txt")
        }
        let vocabulary = try vocabulary(labels, classes: sizes.classes)
        let configuration = NetworkConfiguration.waveform(sizes)
        try ModelLoader.check(tensors, configuration, vocabulary, path: path)
        let hasBuckets = if case .buckets = sizes.attentionPositions { true } else { false }
        return LoadedModel(
            path: path, framework: .torchaudio,
            family: hasBuckets ? "WavLM" : ModelFamily.wav2vec2.name,
            container: archive.format, configuration: configuration, vocabulary: vocabulary,
            sampleRate: configuration.sampleRate, blankWeight: 0, blankMode: .add,
            tensors: tensors, warnings: [], language: nil, languages: [], library: nil,
            files: [archive.file, labels])
    }

    /// Symbols of a head that has a row for each of fairseq's, as the published files have, or one that lacks the
    /// rows of the three that are never written, as torchaudio makes it when it loads a bundle.
    private static func vocabulary(
        _ labels: FileBytes, classes: Int
    ) throws(CheckpointError) -> Vocabulary {
        let whole = try Vocabulary(labelFile: try labels.text(), path: labels.path)
        let unwritten = 1..<4
        guard classes == whole.symbols.count - unwritten.count else { return whole }
        return Vocabulary(
            symbols: [whole.symbols[0]] + whole.symbols[unwritten.upperBound...], blank: 0,
            wordDelimiter: whole.wordDelimiter.map { $0 - unwritten.count }, specials: [0])
    }
}
