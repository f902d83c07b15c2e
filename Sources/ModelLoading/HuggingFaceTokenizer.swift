internal import Checkpoints
internal import ModelFamilies
internal import SpeechTypes
internal import StrictJSON

/// The files beside a Hugging Face model that name its symbols.
///
/// Followed as transformers 5.24 reads them (`tokenization_utils_base.py`).
struct HuggingFaceTokenizer {
    /// A token beside those of vocab.json.
    struct AddedToken {
        let index: Int
        let text: String
    }

    /// The symbols of one language: symbol to class, in the file's order.
    let vocabulary: JSONObject
    let vocabularyPath: String
    let assembly: TextRules.Assembly
    /// tokenizer_config.json's `added_tokens_decoder`, else added_tokens.json.
    let addedTokens: [AddedToken]
    private let config: JSONObject?
    private let specialTokens: JSONObject?
    private let configPath: String

    /// - Parameters:
    ///   - vocabulary: read in place of the folder's vocab.json.
    ///   - modelConfig: config.json, which names the tokenizer in old folders.
    ///   - language: of a vocabulary with several; nil for that of tokenizer_config.json.
    init(
        _ folder: any CheckpointFolder, vocabulary: FileBytes?, modelConfig: JSONObject,
        language: String? = nil
    ) throws(CheckpointError) {
        config = try folder.object("tokenizer_config.json")
        configPath = "\(folder.path)/tokenizer_config.json"
        assembly = try Self.assembly(
            config?["tokenizer_class"]?.string ?? modelConfig["tokenizer_class"]?.string,
            path: folder.path)
        var file = vocabulary
        if file == nil { file = try folder.file("vocab.json") }
        guard let file else {
            throw CheckpointError(
                .unreadable, path: folder.path,
                "has no vocab.json, so that classes have no symbols; copy it from the model's "
                    + "repository or give --labels")
        }
        self.vocabulary = try Self.language(
            try JSONText.object(of: file), language ?? config?["target_lang"]?.string,
            path: file.path)
        vocabularyPath = file.path
        if let listed = config?["added_tokens_decoder"]?.object {
            addedTokens = try Self.addedTokens(listed, path: configPath)
            specialTokens = nil
        } else {
            addedTokens = (try folder.object("added_tokens.json")?.members ?? []).compactMap {
                member in member.value.int.map { AddedToken(index: $0, text: member.key) }
            }
            specialTokens = try folder.object("special_tokens_map.json")
        }
    }

    private static func assembly(
        _ name: String?, path: String
    ) throws(CheckpointError) -> TextRules.Assembly {
        switch name {
        case nil, "Wav2Vec2CTCTokenizer", "Wav2Vec2Tokenizer": return .letters
        case "Wav2Vec2PhonemeCTCTokenizer": return .phonemes
        case let name?:
            throw CheckpointError(
                .refused, path: path,
                "has the tokenizer_class \(name), which is not known here: how its symbols become "
                    + "text cannot be guessed. Wav2Vec2CTCTokenizer and Wav2Vec2PhonemeCTCTokenizer "
                    + "are known; if one of them made the labels, name it in tokenizer_config.json")
        }
    }

    /// The vocabulary itself, or that of one language where there are several.
    private static func language(
        _ vocabulary: JSONObject, _ target: String?, path: String
    ) throws(CheckpointError) -> JSONObject {
        guard let nested = vocabulary.members.first(where: { $0.value.object != nil }) else {
            return vocabulary
        }
        let known = vocabulary.members.prefix(20).map(\.key).joined(separator: ", ")
        guard let target else {
            throw CheckpointError(
                .refused, path: path,
                "holds one vocabulary a language (\(nested.key), …) and tokenizer_config.json names "
                    + "no target_lang; name one of \(known) there, or write that language's table "
                    + "into a file of its own and give it with --labels")
        }
        guard let chosen = vocabulary[target]?.object else {
            throw CheckpointError(
                .refused, path: path,
                "has no vocabulary for the target_lang \(target) of tokenizer_config.json; it has "
                    + known)
        }
        return chosen
    }

    private static func addedTokens(
        _ listed: JSONObject, path: String
    ) throws(CheckpointError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        for member in listed.members {
            guard let index = Int(member.key), let text = member.value.object?["content"]?.string
            else {
                throw CheckpointError(
                    .damaged, path: path,
                    "added_tokens_decoder has \(member.key), which is no class with a content")
            }
            tokens.append(AddedToken(index: index, text: text))
        }
        return tokens
    }

    /// The text of a token that is a string or an object with `content`.
    ///
    /// - Parameter standard: taken where no file names it; null in a file means none.
    func token(_ name: String, standard: String?) -> String? {
        for object in [specialTokens, config] {
            guard let value = object?[name] else { continue }
            if value.isNull { return nil }
            if let text = value.string ?? value.object?["content"]?.string { return text }
        }
        return standard
    }

    /// Tokens that stand for no text, in the order in which transformers adds them.
    var specialTexts: [String] {
        let named = [
            ("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>"), ("sep_token", nil),
            ("pad_token", "<pad>"), ("cls_token", nil), ("mask_token", nil),
        ].compactMap { token($0.0, standard: $0.1) }
        let extra = ["extra_special_tokens", "additional_special_tokens"].lazy.compactMap {
            (specialTokens?[$0] ?? config?[$0])?.array
        }.first
        return named
            + (extra ?? []).compactMap { $0.string ?? $0.object?["content"]?.string }
    }

    func flag(_ name: String) throws(CheckpointError) -> Bool {
        guard let config else { return false }
        return try HuggingFaceFields(config, path: configPath).bool(name) ?? false
    }

    /// `replace_word_delimiter_char`.
    var delimiterText: String { config?["replace_word_delimiter_char"]?.string ?? " " }
}

extension CheckpointFolder {
    /// The JSON object in the file `name`; nil if there is no such file.
    func object(_ name: String) throws(CheckpointError) -> JSONObject? {
        guard let file = try file(name) else { return nil }
        return try JSONText.object(of: file)
    }
}
