internal import Checkpoints
internal import ModelFamilies
internal import SpeechTypes
internal import StrictJSON
internal import Wav2Vec2

/// A Hugging Face folder: config.json, weights, what the feature extractor does, symbols.
enum HuggingFaceModel {
    /// Weight files in the order in which they are looked for; an index stands for its shards.
    private static let weightNames = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
        "pytorch_model.bin.index.json",
    ]

    /// - Parameters:
    ///   - weights: the weight file or index to read; nil to look for it.
    ///   - labels: symbols in place of vocab.json.
    ///   - language: of a model that has several; nil for its own.
    static func load(
        _ folder: any CheckpointFolder, weights: FileBytes?, labels: FileBytes?,
        language: String? = nil
    ) throws(CheckpointError) -> LoadedModel {
        guard let configFile = try folder.file("config.json") else {
            throw CheckpointError(
                .unreadable, path: folder.path,
                "has no config.json, without which bare weights say nothing about the model; give "
                    + "a Hugging Face folder, or NVIDIA's or fairseq's checkpoint file itself")
        }
        let config = try JSONText.object(of: configFile)
        // Before anything else: other kinds of model have other files, too.
        let fields = HuggingFaceFields(config, path: configFile.path)
        try NetworkConfiguration.refuseOtherKinds(fields)
        let family = try ModelFamily.of(fields)
        var configuration = try NetworkConfiguration(
            huggingFace: fields, extractor: featureExtractor(folder))
        let dictionary = try stateDictionary(folder, weights)
        let path = weights?.path ?? folder.path
        var tensors = try CheckpointTensors(
            dictionary.tensors, rules: family.rules, path: path)
        guard tensors.contains("lm_head.weight") else { throw noHead(tensors, path: path) }
        var languages: ModelLanguages?
        var library: LanguageLibrary?
        if case .waveform(var sizes) = configuration, sizes.adapterWidth != nil {
            let known = try ModelLanguages(folder, asked: language, labels: labels)
            if let adapter = known.adapter {
                let fixed = sizes
                (tensors, sizes.classes) = try tensors.speaking(
                    adapter, rules: family.rules,
                    expected: { fixed.languageTensors(classes: $0) })
                configuration = .waveform(sizes)
            }
            languages = known
            if !known.several.isEmpty {
                library = LanguageLibrary(names: known.several, classesMax: known.classesMax) {
                    (name) throws(CheckpointError) in
                    try load(folder, weights: weights, labels: labels, language: name)
                }
            }
        } else if let language {
            throw CheckpointError(
                .refused, path: folder.path,
                LanguageLibrary.noChoice(language))
        }
        var warnings = conversionWarnings(configuration, family, path: configFile.path)
        let vocabulary: Vocabulary
        if let pieces = try Vocabulary.ofPieces(
            folder, labels: labels, fields: fields, classes: configuration.classes)
        {
            vocabulary = pieces
        } else if let labels, try !isVocabularyJSON(labels) {
            vocabulary = try Vocabulary(labelFile: labels.text(), path: labels.path)
        } else {
            vocabulary = try Vocabulary(
                HuggingFaceTokenizer(
                    folder, vocabulary: labels, modelConfig: config,
                    language: languages?.chosen),
                padTokenID: try fields.int("pad_token_id"), classes: configuration.classes,
                warnings: &warnings)
        }
        try ModelLoader.check(tensors, configuration, vocabulary, path: path)
        return LoadedModel(
            path: path, framework: .huggingFace, family: family.name, container: dictionary.format,
            configuration: configuration, vocabulary: vocabulary,
            sampleRate: configuration.sampleRate, blankWeight: 0, blankMode: .add,
            tensors: tensors, warnings: warnings,
            language: languages?.chosen, languages: languages?.names ?? [], library: library,
            files: try sideFiles(folder) + dictionary.files + (labels.map { [$0] } ?? [])
                + (languages?.adapter.map { [$0] } ?? []) + (languages?.otherAdapters ?? []))
    }

    /// Oddities of conversions of Omnilingual ASR to plain wav2vec 2.0, which load everywhere.
    private static func conversionWarnings(
        _ configuration: NetworkConfiguration, _ family: ModelFamily, path: String
    ) -> [String] {
        guard family.modelTypes.contains("wav2vec2"), let configuration = configuration.waveform,
            [9_812, 10_288].contains(configuration.classes)
        else {
            return []
        }
        var warnings: [String] = []
        let (width, heads) = (configuration.hiddenWidth, configuration.attentionHeads)
        if [1_280, 2_048].contains(width), heads == width / 64 {
            warnings.append(
                "\(path): num_attention_heads is \(heads) at a width of \(width), as a converter of "
                    + "Omnilingual ASR writes it; the models have 16, and transcribe wrongly with any other"
            )
        }
        if let epsilon = configuration.inputNormalization?.epsilon, epsilon < 1e-5 {
            warnings.append(
                "\(path): audio is normalised with an epsilon of \(epsilon), where Omnilingual ASR takes 1e-5; "
                    + "very quiet recordings come out differently from the original")
        }
        return warnings
    }

    /// Why a folder without a head under its usual name is refused.
    private static func noHead(_ tensors: CheckpointTensors, path: String) -> CheckpointError {
        let ending = ".lm_head.weight"
        if let name = tensors.unknown.map({ $0.name }).first(where: { $0.hasSuffix(ending) }) {
            return CheckpointError(
                .refused, path: path,
                "has tensors whose names begin with \(name.dropLast(ending.count - 1)), as somebody's "
                    + "wrapper class writes them; save the state dictionary of the model within it")
        }
        return CheckpointError(
            .refused, path: path,
            "has no CTC head (lm_head): it is pre-trained only, or made for another task; a "
                + "model fine-tuned for CTC is needed")
    }

    private static func stateDictionary(
        _ folder: any CheckpointFolder, _ weights: FileBytes?
    ) throws(CheckpointError) -> StateDictionary {
        var file = weights
        var isIndex = false
        if let weights {
            isIndex = (try? CheckpointFormat.recognize(weights)) == nil
        } else {
            for name in weightNames where file == nil {
                file = try folder.file(name)
                isIndex = name.hasSuffix(".index.json")
            }
        }
        guard let file else {
            throw CheckpointError(
                .unreadable, path: folder.path,
                "has config.json and no weights; expected one of "
                    + weightNames.joined(separator: ", "))
        }
        return isIndex
            ? try StateDictionary(index: file, in: folder) : try StateDictionary(file)
    }

    /// What is said of the feature extractor, which transformers 5 keeps in another file.
    private static func featureExtractor(
        _ folder: any CheckpointFolder
    ) throws(CheckpointError) -> HuggingFaceFields {
        let object: JSONObject
        let name: String
        if let plain = try folder.object("preprocessor_config.json") {
            (object, name) = (plain, "preprocessor_config.json")
        } else if let nested = try folder.object("processor_config.json")?["feature_extractor"]?
            .object
        {
            (object, name) = (nested, "processor_config.json")
        } else {
            throw CheckpointError(
                .unreadable, path: folder.path,
                "has neither preprocessor_config.json nor processor_config.json, which say how "
                    + "audio is prepared; copy one from the model's repository")
        }
        let fields = HuggingFaceFields(object, path: "\(folder.path)/\(name)")
        return fields
    }

    private static func isVocabularyJSON(_ labels: FileBytes) throws(CheckpointError) -> Bool {
        try labels.text().unicodeScalars.first { !$0.properties.isWhitespace } == "{"
            && (try? JSONText.object(of: labels)) != nil
    }

    private static func sideFiles(
        _ folder: any CheckpointFolder
    ) throws(CheckpointError) -> [FileBytes] {
        var files: [FileBytes] = []
        for name in [
            "config.json", "preprocessor_config.json", "processor_config.json", "vocab.json",
            "added_tokens.json", "tokenizer_config.json", "special_tokens_map.json",
            "tokenizer.json", "tokenizer.model",
        ] {
            if let file = try folder.file(name) { files.append(file) }
        }
        return files
    }
}
