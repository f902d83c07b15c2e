internal import Checkpoints
internal import StrictJSON

/// The files beside a Hugging Face model that name its symbols.
struct HuggingFaceTokenizer {
    /// vocab.json: symbol to class.
    let vocabulary: JSONObject
    let vocabularyPath: String
    /// added_tokens.json: symbols that were added after vocab.json was written.
    let addedTokens: JSONObject?
    let tokenizerConfig: JSONObject?
    let specialTokens: JSONObject?

    init(_ folder: any CheckpointFolder, vocabulary: FileBytes?) throws(CheckpointError) {
        var file = vocabulary
        if file == nil { file = try folder.file("vocab.json") }
        guard let file else {
            throw CheckpointError(
                .unreadable, path: folder.path,
                "has no vocab.json, so that classes have no symbols; copy it from the model's "
                    + "repository or give --labels")
        }
        self.vocabulary = try JSONText.object(of: file)
        vocabularyPath = file.path
        addedTokens = try folder.object("added_tokens.json")
        tokenizerConfig = try folder.object("tokenizer_config.json")
        specialTokens = try folder.object("special_tokens_map.json")
    }

    /// The text of a special token, which is a string or an object with `content`.
    func token(_ name: String) -> String? {
        for object in [tokenizerConfig, specialTokens] {
            guard let value = object?[name] else { continue }
            if let text = value.string ?? value.object?["content"]?.string { return text }
        }
        return nil
    }
}

extension CheckpointFolder {
    /// The JSON object in the file `name`; nil if there is no such file.
    func object(_ name: String) throws(CheckpointError) -> JSONObject? {
        guard let file = try file(name) else { return nil }
        return try JSONText.object(of: file)
    }
}

extension Vocabulary {
    /// - Parameters:
    ///   - padTokenID: config.json's `pad_token_id`, which CTC models use as blank.
    ///   - classes: how many the head scores.
    init(
        _ tokenizer: HuggingFaceTokenizer, padTokenID: Int?, classes: Int
    ) throws(CheckpointError) {
        let path = tokenizer.vocabularyPath
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: path, message)
        }
        let symbols = try Self.symbols(tokenizer, classes: classes)
        let padToken = tokenizer.token("pad_token") ?? "<pad>"
        let named = symbols.firstIndex(of: padToken)
        guard let blank = padTokenID ?? named, symbols.indices.contains(blank) else {
            throw refused(
                "has no blank: neither pad_token_id in config.json nor the pad token \(padToken) "
                    + "is one of its \(symbols.count) symbols")
        }
        if let named, named != blank {
            throw refused(
                "has two blanks: class \(named) is the pad token \(padToken), and config.json's "
                    + "pad_token_id is \(blank)")
        }
        let delimiter = tokenizer.token("word_delimiter_token") ?? "|"
        let specials = [("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>")]
            .compactMap { symbols.firstIndex(of: tokenizer.token($0.0) ?? $0.1) }
        self.init(
            symbols: symbols, blankIndex: blank,
            wordDelimiterIndex: symbols.firstIndex(of: delimiter),
            specialIndices: Set(specials + [blank]).sorted(),
            lowersCase: tokenizer.tokenizerConfig?["do_lower_case"]?.bool ?? false)
    }

    private static func symbols(
        _ tokenizer: HuggingFaceTokenizer, classes: Int
    ) throws(CheckpointError) -> [String] {
        let path = tokenizer.vocabularyPath
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: path, message)
        }
        var byClass: [Int: String] = [:]
        for member in tokenizer.vocabulary.members {
            guard member.value.object == nil else {
                throw refused(
                    "holds one vocabulary a language (\(member.key), …); models with language "
                        + "adapters are not supported")
            }
            guard let index = member.value.int, index >= 0 else {
                throw CheckpointError(
                    .damaged, path: path, "maps \(member.key) to something else than a class")
            }
            guard byClass.updateValue(member.key, forKey: index) == nil else {
                throw CheckpointError(.damaged, path: path, "names class \(index) twice")
            }
        }
        // Tokens that were added without widening the head can never be scored.
        for member in tokenizer.addedTokens?.members ?? [] {
            guard let index = member.value.int, (0..<classes).contains(index) else { continue }
            byClass[index] = byClass[index] ?? member.key
        }
        guard byClass.count == classes, byClass.keys.allSatisfy({ $0 < classes }) else {
            let gap = (0..<classes).first { byClass[$0] == nil }
            throw refused(
                "names \(byClass.count) symbols and the head scores \(classes) classes"
                    + (gap.map { "; class \($0) has no symbol" } ?? ""))
        }
        return (0..<classes).compactMap { byClass[$0] }
    }
}
