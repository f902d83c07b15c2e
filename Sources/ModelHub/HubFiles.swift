internal import LanguageCodes
internal import StrictJSON

/// Which files of a repository a model is loaded from.
enum HubFiles {
    static let indexSuffix = ".index.json"

    /// Weights in the order of preference; an index stands for its shards.
    static let weightNames = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
        "pytorch_model.bin.index.json",
    ]

    /// What names a model's symbols; one of them is enough.
    static let symbolNames = ["vocab.json", "tokenizer.json", "tokenizer.model"]

    private static let sideNames = [
        "config.json", "preprocessor_config.json", "processor_config.json", "vocab.json",
        "added_tokens.json", "tokenizer_config.json", "special_tokens_map.json", "alphabet.json",
        "tokenizer.json", "tokenizer.model",
        languageModelFolder + "attrs.json",
    ]

    /// Where a repository has its language model, as transformers' processors save it.
    static let languageModelFolder = "language_model/"

    /// Whether a file is one that decoding with the repository's language model takes.
    static func isOfLanguageModel(_ file: String) -> Bool {
        guard file.hasPrefix(languageModelFolder) else { return false }
        let name = String(file.dropFirst(languageModelFolder.count))
        return isPlainName(name)
            && (["attrs.json", "unigrams.txt"].contains(name) || isLanguageModel(name))
    }

    static func isLanguageModel(_ name: String) -> Bool {
        [".arpa", ".bin", ".binary"].contains { name.hasSuffix($0) }
    }

    /// The files with what a model has for languages, in MMS's form (`adapter.LANGUAGE.safetensors` or `.bin`).
    ///
    /// Where rows name their languages, all that are asked for are fetched, and none by the way: the model's
    /// digest covers them, and is to be the same on every machine before any row is read.
    ///
    /// - Parameters:
    ///   - asked: as ``LanguageChoice`` takes it, by the model's names or codes of ISO 639.
    ///   - reference: whose files these are, for the error.
    /// - Returns: none for a model that keeps no languages apart; its loader says what it thinks of a language.
    /// - Throws: `unusable` with the languages that there are.
    static func adapters(
        of asked: String, among files: some Collection<String>, of reference: ModelReference
    ) throws(HubError) -> [String] {
        var endings: [String: String] = [:]
        for file in files where file.hasPrefix("adapter.") && isPlainName(file) {
            let name = file.dropFirst("adapter.".count)
            for ending in [".bin", ".safetensors"] where name.hasSuffix(ending) {
                let language = String(name.dropLast(ending.count))
                if endings[language] != ".safetensors" { endings[language] = ending }
            }
        }
        var names: [String] = []
        let known = endings.keys.sorted()
        guard !known.isEmpty else { return [] }
        switch LanguageChoice(asked) {
        case .every: names = known
        case .one(let code): names = [try name(of: code, among: known, of: reference)]
        case .several(let codes):
            for code in codes { names.append(try name(of: code, among: known, of: reference)) }
        }
        return names.map { "adapter.\($0)\(endings[$0] ?? "")" }
    }

    private static func name(
        of asked: String, among known: [String], of reference: ModelReference
    ) throws(HubError) -> String {
        switch languageCode(asked, among: known) {
        case .found(let name): return name
        case .several(let names):
            throw HubError(
                .unusable,
                "\(reference) has the language \(asked) in several forms: name one of "
                    + names.joined(separator: ", "))
        case .unknown(let similar):
            let list = similar.isEmpty ? Array(known.prefix(languagesShown)) : similar
            throw HubError(
                .unusable,
                "\(reference) has no language \(asked) among its \(known.count); "
                    + (similar.isEmpty ? "it has " : "alike are ") + list.joined(separator: ", ")
                    + (list.count < known.count && similar.isEmpty ? " and others" : ""))
        }
    }

    /// Languages in one message.
    private static let languagesShown = 60

    /// The files to fetch out of `available`: small ones first, so that weights mean completeness.
    ///
    /// - Parameters:
    ///   - withLanguageModel: with those of the language model, if there is one.
    ///   - language: with what the model has for it; nil for the model's own.
    /// - Returns: the files beside the weights, and the weight file or index.
    static func needed(
        _ available: Set<String>, of reference: ModelReference, withLanguageModel: Bool,
        language: String?
    ) throws(HubError) -> (side: [String], weights: String) {
        guard available.contains("config.json"),
            let weights = weightNames.first(where: { available.contains($0) })
        else {
            throw HubError(
                .unusable,
                "\(reference) has no \(available.contains("config.json") ? "weights" : "config.json"); "
                    + "a model in Hugging Face layout is needed (config.json and one of "
                    + "\(weightNames.joined(separator: ", ")))")
        }
        var side = sideNames.filter { available.contains($0) }
        if let language {
            side += try adapters(of: language, among: available, of: reference)
        }
        guard withLanguageModel else { return (side, weights) }
        let more = available.filter { isOfLanguageModel($0) && !side.contains($0) }.sorted()
        return (side + more, weights)
    }

    /// The shards that the index at `path` lists.
    static func shards(ofIndex path: String) throws(HubError) -> [String] {
        let value: JSONValue
        do {
            value = try JSONParser.parse(
                CacheFiles.bytes(path, bytesMax: HubSettings.answerBytesMax))
        } catch let error as JSONError {
            throw HubError(.unexpected, "\(path) is not valid JSON: \(error)")
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError(.unexpected, "\(path): \(error)")
        }
        var shards: Set<String> = []
        for member in value.object?["weight_map"]?.object?.members ?? [] {
            guard let name = member.value.string, isPlainName(name) else {
                throw HubError(.unexpected, "\(path) lists a shard that is not a file name")
            }
            shards.insert(name)
        }
        guard !shards.isEmpty, shards.count <= 1_000 else {
            throw HubError(.unexpected, "\(path) lists \(shards.count) shards")
        }
        return shards.sorted()
    }

    /// Whether `name` is a file in the repository's own folder.
    static func isPlainName(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy(isNameByte)
    }
}
