internal import Checkpoints
internal import ModelFamilies
internal import ModelLoading
internal import SpeechTypes
internal import Testing
internal import Wav2Vec2

/// State dictionaries as torchaudio keeps them: names by `Wav2Vec2Model` of torchaudio 2.8, weights of models that
/// Hugging Face folders hold.
@Suite("torchaudio's bundles") struct TorchaudioTests {
    /// A golden model, and what must stand beside its tensors.
    struct Golden: Sendable, CustomTestStringConvertible {
        let place: String
        var config: String?
        var family = "wav2vec 2.0"

        var testDescription: String { place }
    }

    /// A label file of as many symbols as the head scores.
    private static func labels(_ vocabulary: Vocabulary) -> String {
        (4..<vocabulary.symbols.count).map { $0 == 4 ? "| 1\n" : "x\($0) 1\n" }.joined()
    }

    /// Canonical names as torchaudio has them.
    private static func name(_ canonical: String) -> String {
        canonical.replacing("encoder.", with: "encoder.transformer.")
            .replacing("feature_projection.", with: "encoder.feature_projection.")
            .replacing("lm_head.", with: "aux.")
    }

    /// The tensors of a model; those of WavLM's attention as its module keeps them.
    private static func renamed(_ model: LoadedModel) throws -> [PlainTensor] {
        let tensors = model.tensors.tensors
        let isWavLM = tensors.keys.contains { $0.hasSuffix("rel_attn_embed.weight") }
        var result: [PlainTensor] = []
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            var stored = Self.name(name)
            if isWavLM {
                if name.contains("attention.k_proj") || name.contains("attention.v_proj") {
                    continue
                }
                if name.contains("attention.q_proj") {
                    let parts = try ["q", "k", "v"].flatMap { part in
                        try model.tensors.floats(
                            name.replacing("q_proj", with: "\(part)_proj"), shape: tensor.shape)
                    }
                    stored = stored.replacing("q_proj.", with: "attention.in_proj_")
                    result.append(
                        PlainTensor(
                            stored, [3 * tensor.shape[0]] + tensor.shape.dropFirst(), parts))
                    continue
                }
                stored = stored.replacing(
                    "attention.out_proj", with: "attention.attention.out_proj")
            }
            result.append(
                PlainTensor(
                    stored, tensor.shape, try model.tensors.floats(name, shape: tensor.shape)))
        }
        return result
    }

    private static func load(
        _ tensors: [PlainTensor], labels: String?, config: String? = nil, isLegacy: Bool = false
    ) throws -> LoadedModel {
        let root = TorchWriter.stateDictionary(tensors)
        let bytes =
            isLegacy
            ? TorchWriter.legacy(root, storages: tensors.map { ($0.elementCount, $0.bytes) })
            : TorchWriter.zip(root, storages: tensors.map { $0.bytes })
        let files = config.map { ["config.json": Array($0.utf8)] } ?? [:]
        return try ModelLoader.load(
            FileBytes(bytes, path: "memory/wav2vec2.pth"), in: MemoryFolder(files: files),
            labels: labels.map { FileBytes(Array($0.utf8), path: "memory/dict.ltr.txt") })
    }

    private static func golden(_ place: String) throws -> LoadedModel {
        try ModelLoader.load(path: "\(GoldenCheckpoint.root)/\(place)")
    }

    @Test(
        "names and shapes alone give the model that a folder describes",
        arguments: [
            Golden(place: "hf_group_norm/safetensors", config: #"{"num_attention_heads":4}"#),
            Golden(
                place: "hf_stable_layer_norm/safetensors", config: #"{"num_attention_heads":2}"#),
            Golden(place: "zoo/hf_hubert_large/safetensors", config: #"{"num_attention_heads":4}"#),
            Golden(
                place: "zoo/hf_wavlm_base/safetensors", config: #"{"max_bucket_distance":90}"#,
                family: "WavLM"),
            Golden(place: "zoo/hf_wavlm_large/safetensors", family: "WavLM"),
        ], [false, true])
    func shapes(model: Golden, isLegacy: Bool) throws {
        let known = try Self.golden(model.place)
        let read = try Self.load(
            Self.renamed(known), labels: Self.labels(known.vocabulary), config: model.config,
            isLegacy: isLegacy)
        #expect(read.framework == .torchaudio && read.family == model.family)
        var (expected, found) = try (
            #require(known.configuration.waveform), #require(read.configuration.waveform)
        )
        // As the bundles say it: fairseq's epsilon, and only where norms come before.
        #expect(
            found.inputNormalization == (expected.isPreNorm ? .init(epsilon: 1e-5) : nil))
        found.inputNormalization = nil
        expected.inputNormalization = nil
        #expect(found == expected)
        #expect(read.vocabulary.symbols.prefix(5) == ["<s>", "<pad>", "</s>", "<unk>", "|"])
        #expect(Set(read.tensors.tensors.keys) == Set(known.tensors.tensors.keys))
        for (name, tensor) in read.tensors.tensors {
            let values = try known.tensors.floats(name, shape: tensor.shape)
            #expect(try read.tensors.floats(name, shape: tensor.shape) == values, "\(name)")
        }
    }

    @Test("a head without the rows that bundles drop has no symbols for them")
    func trimmed() throws {
        let known = try Self.tiny(classes: 3)
        let model = try Self.load(
            known, labels: TinyModel.labels, config: #"{"num_attention_heads":2}"#)
        #expect(model.vocabulary.symbols == ["<s>", "|", "E"])
        #expect(model.vocabulary.blank == 0 && model.vocabulary.wordDelimiter == 1)
        #expect(model.vocabulary.specials == [0])
    }

    @Test("what the file does not tell is asked for")
    func refused() throws {
        let heads = #"{"num_attention_heads":2}"#
        for (tensors, labels, config, part) in [
            (try Self.tiny(classes: 6), nil, heads, "--labels"),
            (try Self.tiny(classes: 6), TinyModel.labels, nil, "num_attention_heads"),
            (try Self.tiny(classes: 7), TinyModel.labels, heads, "7 classes"),
            (
                try Self.tiny(classes: 6).filter { !$0.name.hasPrefix("aux") }, TinyModel.labels,
                heads, "WAV2VEC2_ASR_BASE_960H"
            ),
        ] as [([PlainTensor], String?, String?, String)] {
            let error = try #require(throws: CheckpointError.self) {
                try Self.load(tensors, labels: labels, config: config)
            }
            #expect(error.code == .refused && error.message.contains(part), "\(error)")
        }
    }

    /// The smallest model, with a head of so many classes.
    private static func tiny(classes: Int) throws -> [PlainTensor] {
        TinyModel.tensors(classes: classes).filter { !$0.name.hasSuffix("masked_spec_embed") }
            .map { tensor in
                var tensor = tensor
                tensor.name = Self.name(tensor.name.replacing("wav2vec2.", with: ""))
                return tensor
            }
    }
}
