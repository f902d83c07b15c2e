internal import Foundation
internal import StrictJSON

/// One folder of golden fixtures: what its `case.json` says.
struct GoldenCase {
    struct Checkpoint {
        /// What a user names: the file, or the folder of a Hugging Face model.
        let path: String
        /// The set of expected tensors that belongs to it.
        let expectedSet: String
        /// Of a model that has several.
        let language: String?
    }

    struct Run {
        let set: String
        let name: String
        let isBatch: Bool
        let utterances: [Int]
        let validFrames: [Int]
        let tensors: [String]
        /// The reference's text of each utterance, decoded from its valid frames.
        let text: [String]
        let blankMode: String?
        let blankWeight: Float
    }

    struct Malformed: Error { let path: String }

    let name: String
    let format: String
    let folder: String
    let checkpoints: [Checkpoint]
    let inputs: [String]
    let runs: [Run]
    let tolerances: [String: Float]
    let symbols: [String]
    let blank: Int
    /// Whether symbols are those of a tokenizer.json.
    let hasPieces: Bool

    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/golden").path

    /// The cases that hold a model.
    static let modelCases = [
        "fairseq_ctc", "hf_group_norm", "hf_stable_layer_norm", "nv_bf16_train_state",
        "nv_hourglass_default", "nv_hourglass_linear_f4", "nv_hourglass_naive_f3",
        "nv_hourglass_short", "nv_mha_pyt", "nv_prenorm_layernorm_extractor",
        "nv_rotary_hourglass",
    ]

    /// Relatives of wav2vec 2.0, from `Fixtures/golden/zoo`.
    static let familyCases = [
        "hf_hubert_base", "hf_hubert_large", "hf_hubert_batch_norm_position", "hf_unispeech",
        "hf_unispeech_sat", "hf_data2vec_audio", "hf_wavlm_base", "hf_wavlm_large", "hf_sew",
        "hf_conformer_relative", "hf_conformer_rotary", "fairseq_mms_adapters", "hf_mms_adapters",
        "omniasr_ctc", "hf_w2v_bert_plain", "hf_w2v_bert_adapter", "hf_parakeet_ctc",
    ].map { "zoo/\($0)" }

    /// Tensors that are no output of a stage: what went in, what is masked, and parts of a layer.
    static func isNoStage(_ tensor: String) -> Bool {
        tensor == "input_values" || tensor.hasSuffix("padding_mask")
            || tensor.hasPrefix("layer_0_")
    }

    init(_ name: String) throws {
        self.name = name
        folder = "\(Self.fixtures)/\(name)"
        let path = "\(folder)/case.json"
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        guard let json = try JSONParser.parse(bytes).object,
            let format = json["format"]?.string,
            let checkpoints = json["checkpoints"]?.array,
            let inputs = json["inputs"]?.array,
            let tolerances = json["tolerance_abs"]?.object,
            let labels = json["labels"]?.object,
            let symbols = labels["symbols"]?.array, let blank = labels["blank"]?.int,
            let sets = json["expected_sets"]?.object
        else { throw Malformed(path: path) }
        self.format = format
        self.blank = blank
        hasPieces = labels["source"]?.string == "tokenizer.json"
        self.symbols = symbols.compactMap(\.string)
        self.inputs = inputs.compactMap { $0.object?["file"]?.string }
        let folder = self.folder
        self.checkpoints = checkpoints.compactMap { checkpoint in
            guard let object = checkpoint.object, let file = object["path"]?.string else {
                return nil
            }
            return Checkpoint(
                path: "\(folder)/\(object["model_dir"]?.string ?? file)",
                expectedSet: object["expected"]?.string ?? "expected",
                language: object["target_lang"]?.string)
        }
        self.tolerances = tolerances.members.reduce(into: [:]) { result, member in
            result[member.key] = member.value.double.map { Float($0) }
        }
        runs = sets.members.flatMap { set in
            (set.value.object?.members ?? []).compactMap { Run($0, set: set.key) }
        }
    }

    /// Whether each checkpoint has symbols of its own, or pieces of words.
    var hasSymbolsOfItsOwn: Bool {
        format == "fairseq2-pt" || hasPieces || checkpoints.contains { $0.language != nil }
    }

    /// The label file, where checkpoints hold no labels.
    var labelsPath: String? {
        format == "fairseq-pt" && !hasSymbolsOfItsOwn ? "\(folder)/dict.ltr.txt" : nil
    }

    /// The tensor of a run, utterances first.
    func expected(_ tensor: String, of run: Run) throws -> NumpyArray {
        try NumpyArray(path: "\(folder)/\(run.set)/\(run.name)/\(tensor).npy")
    }

    /// The waveform of utterance `index`, before normalisation.
    func samples(ofUtterance index: Int) throws -> [Float] {
        try NumpyArray(path: "\(folder)/\(inputs[index])").values
    }

    /// Whether a run is left out because the reference let padding into its norm's statistics.
    func dependsOnPadding(_ run: Run) -> Bool {
        run.name == "batch_nomask" || run.name == "batch_fairseq"
            || (name == "hf_group_norm" && run.isBatch)
    }
}

extension GoldenCase.Run {
    fileprivate init?(_ member: JSONObject.Member, set: String) {
        guard let run = member.value.object else { return nil }
        let text = run["text_valid_frames_only"]?.array ?? run["text"]?.array ?? []
        self.init(
            set: set, name: member.key, isBatch: run["kind"]?.string == "batch",
            utterances: (run["utterances"]?.array ?? []).compactMap(\.int),
            validFrames: (run["valid_frames"]?.array ?? []).compactMap(\.int),
            tensors: run["tensors"]?.object?.members.map(\.key) ?? [],
            text: text.compactMap(\.string), blankMode: run["blank_mode"]?.string,
            blankWeight: Float(run["blank_weight"]?.double ?? 0))
    }
}
