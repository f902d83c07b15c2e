internal import Checkpoints
internal import ModelFamilies
internal import SpeechTypes
internal import Wav2Vec2

/// A checkpoint that a training run of NVIDIA's or fairseq's saved: arguments and model in one file.
enum TrainingCheckpoint {
    /// - Parameters:
    ///   - model: the `model` entry of the archive's root.
    ///   - labels: a label file in place of the checkpoint's own labels.
    ///   - language: of a checkpoint that has several.
    static func load(
        _ archive: TorchArchive, model: PickleValue, labels: FileBytes?, language: String? = nil
    ) throws(CheckpointError) -> LoadedModel {
        let path = archive.file.path
        let root = PickledSettings(archive.root, in: archive.graph)
        var stored = try archive.tensors(in: model)
        let isNVIDIA = root["args"]?["mode"] != nil
        try refusePreTraining(stored, root, path: path)
        let adapters = try FairseqAdapters(archive)
        var spoken: String?
        var library: LanguageLibrary?
        if let adapters {
            let (chosen, several) = try adapters.choose(language)
            if !several.isEmpty {
                library = LanguageLibrary(names: several, classesMax: adapters.classesMax) {
                    (name) throws(CheckpointError) in
                    try load(archive, model: model, labels: labels, language: name)
                }
            }
            stored = try adapters.tensors(stored, speaking: chosen, of: archive)
            spoken = chosen
        } else if let language {
            throw CheckpointError(
                .refused, path: path,
                LanguageLibrary.noChoice(language))
        }
        let tensors = try CheckpointTensors(stored, rules: .fairseq, path: path)

        let settings =
            isNVIDIA ? try nvidiaSettings(root, path: path) : try fairseqSettings(root, path: path)
        var sizes = try Wav2Vec2Configuration(
            fairseq: settings.architecture, normalizes: settings.normalizes, tensors: tensors)
        sizes.adapterWidth = settings.adapterWidth
        sizes.sampleRate = settings.sampleRate
        try sizes.check(path: path)
        let configuration = NetworkConfiguration.waveform(sizes)
        let vocabulary: Vocabulary
        if labels == nil, let adapters, let spoken {
            vocabulary = try Self.vocabulary(adapters.symbols(of: spoken), path: path)
        } else {
            vocabulary = try Self.vocabulary(root, labels, isNVIDIA: isNVIDIA, path: path)
        }
        try ModelLoader.check(tensors, configuration, vocabulary, path: path)
        return LoadedModel(
            path: path, framework: isNVIDIA ? .nvidia : .fairseq,
            family: ModelFamily.wav2vec2.name, container: archive.format,
            configuration: configuration, vocabulary: vocabulary,
            sampleRate: settings.sampleRate, blankWeight: settings.blankWeight,
            blankMode: settings.blankMode, tensors: tensors, warnings: [],
            language: spoken, languages: adapters?.names ?? [], library: library,
            files: [archive.file] + (labels.map { [$0] } ?? []))
    }

    private struct Settings {
        var architecture: TrainingArguments
        var normalizes: Bool
        var sampleRate: Int
        var blankWeight: Float = 0
        var blankMode = BlankMode.add
        /// Of language adapters; nil where there are none.
        var adapterWidth: Int?
    }

    /// One flat dictionary.
    private static func nvidiaSettings(
        _ root: PickledSettings, path: String
    ) throws(CheckpointError) -> Settings {
        let arguments = TrainingArguments(path: path, places: root["args"].map { [$0] } ?? [])
        var settings = Settings(
            architecture: arguments, normalizes: try arguments.bool("normalize") ?? false,
            sampleRate: try NetworkConfiguration.sampleRate(
                arguments.int("sample_rate"), path: path))
        if let weight = try arguments.double("blank_weight") {
            settings.blankWeight = Float(weight)
            guard settings.blankWeight.isFinite else {
                throw CheckpointError(.refused, path: path, "has the blank_weight \(weight)")
            }
        }
        if let name = try arguments.string("blank_mode") {
            guard let mode = BlankMode(rawValue: name) else {
                throw CheckpointError(
                    .refused, path: path, "has the blank_mode \(name); add and set are known here")
            }
            settings.blankMode = mode
        }
        return settings
    }

    /// Finds the settings of fairseq's three generations.
    ///
    /// Nested configurations, plain or as omegaconf objects, and nested namespaces. The outer
    /// model's own sizes are defaults of the fine-tuning run, not the truth, and so come last.
    private static func fairseqSettings(
        _ root: PickledSettings, path: String
    ) throws(CheckpointError) -> Settings {
        let current = root["cfg"]?["model"]
        let nested = current?["w2v_args"]
        let old = root["args"]
        let oldNested = old?["w2v_args"]
        guard current != nil || old != nil else {
            throw CheckpointError(
                .refused, path: path,
                "has tensors and no training arguments (cfg or args), so that its architecture is "
                    + "not known")
        }
        func places(_ candidates: [PickledSettings?]) -> TrainingArguments {
            TrainingArguments(
                path: path, places: candidates.compactMap { $0 }.filter { $0.isGroup })
        }
        let task = places([
            nested?["task"], nested, oldNested?["task"], oldNested, root["cfg"]?["task"], old,
            current,
        ])
        let truth = places([nested?["model"], nested, oldNested?["model"], oldNested])
        guard truth.places.contains(where: namesSizes) else {
            throw missingArchitecture((current ?? old)?["w2v_path"]?.string, path: path)
        }
        // fairseq takes adapters from the outer settings, whatever the inner ones say.
        var settings = Settings(
            architecture: truth, normalizes: try task.bool("normalize") ?? false,
            sampleRate: try NetworkConfiguration.sampleRate(task.int("sample_rate"), path: path))
        let outer = places([current])
        switch try outer.string("layer_type") {
        case nil, "transformer": break
        case "trf_adp" where root["adapter"] != nil:
            settings.adapterWidth = try FairseqAdapters.width(outer)
        case let type?:
            throw CheckpointError(
                .refused, path: path,
                "has layers of type \(type), and no language adapters of MMS's form; only transformer "
                    + "layers with or without such adapters are known here")
        }
        return settings
    }

    /// Whether settings are those of an architecture; what one of them leaves out is fairseq's default.
    private static func namesSizes(_ settings: PickledSettings) -> Bool {
        ["encoder_attention_heads", "encoder_embed_dim", "encoder_layers"].contains {
            settings[$0] != nil
        }
    }

    /// The outer settings of a fine-tuned model repeat defaults that are not the model's: heads and
    /// the order of norms cannot be seen in shapes, and would be guessed.
    private static func missingArchitecture(_ other: String?, path: String) -> CheckpointError {
        CheckpointError(
            .refused, path: path,
            "does not say its architecture: w2v_args is empty"
                + (other.map { ", and w2v_path names another file for it (\($0.prefix(200)))" }
                    ?? "")
                + ". Put the settings of the pre-trained checkpoint into this one: in Python, "
                + "c = torch.load(this); c['cfg']['model']['w2v_args'] = torch.load(that)['cfg']; "
                + "torch.save(c, new)")
    }

    private static func refusePreTraining(
        _ stored: [StoredTensor], _ root: PickledSettings, path: String
    ) throws(CheckpointError) {
        let names = stored.map { NameRules.fairseq.strip($0.name) }
        guard !names.contains(where: { $0.hasPrefix("encoder_frontend.") }) else {
            throw CheckpointError(
                .refused, path: path,
                "is a fairseq2 checkpoint (Omnilingual ASR and its like), which names its tensors in "
                    + "another way; use a conversion of it to Hugging Face's Wav2Vec2ForCTC")
        }
        let hasHead = names.contains("proj.weight")
        let isPreTraining =
            root["args"]?["mode"]?.string == "pretrain"
            || !hasHead
                && names.contains {
                    $0.hasPrefix("quantizer.") || $0.hasPrefix("project_q.")
                        || $0.hasPrefix("final_proj.")
                }
        let name = root["cfg"]?["model"]?["_name"]?.string ?? root["args"]?["arch"]?.string ?? ""
        guard !name.hasSuffix("seq2seq"), !name.hasPrefix("s2t_") else {
            throw CheckpointError(
                .refused, path: path,
                "is a sequence-to-sequence model (\(name.prefix(80))), which writes text by a decoder and "
                    + "not by CTC; use one that was fine-tuned for CTC (wav2vec_ctc, hubert_ctc)")
        }
        guard hasHead, !isPreTraining else {
            throw CheckpointError(
                .refused, path: path,
                isPreTraining
                    ? "is a pre-training checkpoint, which cannot transcribe; use one that was "
                        + "fine-tuned for CTC"
                    : "has no CTC head (w2v_encoder.proj); use a checkpoint that was fine-tuned "
                        + "for CTC")
        }
    }

    private static func vocabulary(
        _ root: PickledSettings, _ labels: FileBytes?, isNVIDIA: Bool, path: String
    ) throws(CheckpointError) -> Vocabulary {
        if let labels { return try Vocabulary(labelFile: labels.text(), path: labels.path) }
        if isNVIDIA, let text = root["output_labels"]?.string {
            return try Vocabulary(labelFile: text, path: "\(path), output_labels")
        }
        // The dictionary object that newer fairseq versions save with their task.
        let state = root["task_state"]
        if let symbols = (state?["target_dictionary"] ?? state?["dictionary"])?["symbols"]?.list {
            return try vocabulary(symbols, path: path)
        }
        throw CheckpointError(
            .refused, path: path,
            "does not name its symbols; give the label file of its training run with --labels "
                + "dict.ltr.txt")
    }

    /// The symbols of a pickled dictionary, within the limits of a label file.
    private static func vocabulary(
        _ symbols: [PickledSettings], path: String
    ) throws(CheckpointError) -> Vocabulary {
        var texts: [String] = []
        var byteCount = 0
        for symbol in symbols {
            guard let text = symbol.string else {
                throw CheckpointError(
                    .damaged, path: path, "its dictionary's symbol \(texts.count) is no text")
            }
            byteCount += text.utf8.count
            guard byteCount <= CheckpointLimits.textFileBytesMax,
                texts.count < Vocabulary.symbolsMax
            else {
                throw CheckpointError(
                    .overLimit, path: path, "has a dictionary larger than any label file")
            }
            texts.append(text)
        }
        guard !texts.isEmpty else {
            throw CheckpointError(
                .refused, path: path, "has a dictionary without symbols, and so without a blank")
        }
        return Vocabulary(fairseqSymbols: texts)
    }
}
