internal import Checkpoints
internal import LanguageCodes
internal import StrictJSON

/// The languages of a folder that keeps adapters, a head and symbols for each of them: MMS's form.
///
/// The model file has those of one language, `adapter.LANGUAGE.safetensors` or `.bin` those of the others.
struct ModelLanguages {
    /// Languages that a vocabulary and weights are there for, in the order of vocab.json.
    let names: [String]
    /// The one that is spoken; the folder's own, or the first, where several are asked for.
    let chosen: String
    /// All that rows may name, in the order of ``names``; empty where one language is asked for.
    let several: [String]
    /// Symbols of the largest alphabet.
    let classesMax: Int
    /// Of the chosen one; nil where the model file has its weights.
    let adapter: FileBytes?
    /// Of the others among the several.
    let otherAdapters: [FileBytes]

    /// - Parameters:
    ///   - asked: as ``LanguageChoice`` takes it; nil for the folder's own language.
    ///   - labels: a vocabulary in place of the folder's.
    /// - Throws: `refused` with the languages that there are.
    init(
        _ folder: any CheckpointFolder, asked: String?, labels: FileBytes?
    ) throws(CheckpointError) {
        let own = try folder.object("tokenizer_config.json")?["target_lang"]?.string
        var file = labels
        if file == nil { file = try folder.file("vocab.json") }
        var vocabulary: [String] = []
        var classesMax = 0
        if let file, let object = try? JSONText.object(of: file) {
            let alphabets = object.members.filter { $0.value.object != nil }
            vocabulary = alphabets.map(\.key)
            classesMax = alphabets.map { $0.value.object?.members.count ?? 0 }.max() ?? 0
        }
        self.classesMax = classesMax
        if vocabulary.isEmpty, let own { vocabulary = [own] }
        // A folder's own language may have its weights in the model file alone.
        let standard = own ?? "eng"
        var names: [String] = []
        for name in vocabulary {
            let hasAdapter = try Self.adapter(name, in: folder) != nil
            if hasAdapter || name == standard { names.append(name) }
        }
        self.names = names
        several =
            try asked.map { (text) throws(CheckpointError) in
                try Self.several(text, among: names, path: folder.path)
            } ?? []
        if let first = several.first {
            chosen = several.contains(standard) ? standard : first
        } else if let asked {
            chosen = try Self.find(asked, among: names, path: folder.path)
        } else {
            guard names.contains(standard) || vocabulary.isEmpty else {
                throw CheckpointError(
                    .refused, path: folder.path,
                    "has adapters for several languages and names none of its own (target_lang); name "
                        + "one with --language: \(languageList(names))")
            }
            chosen = standard
        }
        var others: [FileBytes] = []
        for name in several where name != chosen {
            if let file = try Self.adapter(name, in: folder) { others.append(file) }
        }
        otherAdapters = others
        adapter = try Self.adapter(chosen, in: folder)
    }

    /// The names of several languages, in the order of those that there are; empty where one is asked for.
    static func several(
        _ asked: String, among names: [String], path: String
    ) throws(CheckpointError) -> [String] {
        switch LanguageChoice(asked) {
        case .one: return []
        case .every:
            guard !names.isEmpty else {
                throw CheckpointError(
                    .refused, path: path, "has no languages that rows could name")
            }
            return names
        case .several(let codes):
            var found: Set<String> = []
            for code in codes { found.insert(try find(code, among: names, path: path)) }
            return names.filter(found.contains)
        }
    }

    /// The name of a language among those that there are.
    static func find(
        _ asked: String, among names: [String], path: String
    ) throws(CheckpointError) -> String {
        switch languageCode(asked, among: names) {
        case .found(let name): return name
        case .several(let candidates):
            throw CheckpointError(
                .refused, path: path,
                "has the language \(asked) in several forms: name one of \(languageList(candidates))"
            )
        case .unknown(let similar):
            let hint = similar.isEmpty ? "" : "; alike are \(similar.joined(separator: ", "))"
            throw CheckpointError(
                .refused, path: path,
                "has no language \(asked)\(hint). It has \(languageList(names))")
        }
    }

    private static func adapter(
        _ name: String, in folder: any CheckpointFolder
    ) throws(CheckpointError) -> FileBytes? {
        // A name of vocab.json is part of a file's name, and leads nowhere else.
        guard !name.isEmpty, name.utf8.count <= 100, !name.contains("/"), !name.contains("\0")
        else { return nil }
        for ending in ["safetensors", "bin"] {
            if let file = try folder.file("adapter.\(name).\(ending)") { return file }
        }
        return nil
    }
}

extension CheckpointTensors {
    /// These tensors with a language's in place of those that the model file has.
    ///
    /// - Throws: `refused` where the file has anything else than all of a language's tensors.
    func speaking(
        _ adapter: FileBytes, rules: NameRules, expected: (Int) -> [(name: String, shape: [Int])]
    ) throws(CheckpointError) -> (tensors: CheckpointTensors, classes: Int) {
        let own = try CheckpointTensors(
            StateDictionary(adapter).tensors, rules: rules, path: adapter.path)
        guard let classes = own.tensors["lm_head.weight"]?.shape.first else {
            throw CheckpointError(
                .refused, path: adapter.path,
                "has no head (lm_head.weight), which the adapter of a language brings along")
        }
        try own.check(expected(classes))
        return (replacing(own.tensors), classes)
    }
}
