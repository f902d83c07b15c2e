internal import Checkpoints
internal import LanguageCodes
internal import ModelFamilies
internal import SpeechTypes
internal import Wav2Vec2

/// The languages in a fairseq checkpoint of MMS: for each its adapters, its head and its dictionary.
///
/// As `examples/mms/asr/infer` of facebookresearch/fairseq takes them: whatever tensors a language has replace
/// those of the model's own state, and of adapters that are numbered the first is the language's.
struct FairseqAdapters {
    private struct Language {
        let name: String
        /// Tensors by name.
        let model: PickleValue
        let symbols: [PickledSettings]
    }

    private let languages: [Language]
    private let path: String

    var names: [String] { languages.map(\.name) }

    /// - Returns: nil where the checkpoint has no adapters.
    init?(_ archive: TorchArchive) throws(CheckpointError) {
        guard let entry = archive.graph.value(archive.root, "adapter"),
            let members = archive.graph.members(entry), !members.isEmpty
        else { return nil }
        path = archive.file.path
        var languages: [Language] = []
        for member in members {
            guard case .string(let name) = member.key,
                let model = archive.graph.value(member.value, "model"),
                let symbols = PickledSettings(member.value, in: archive.graph)["task_state"]?[
                    "target_dictionary"]?["symbols"]?.list
            else {
                throw CheckpointError(
                    .damaged, path: path,
                    "has an adapter that is not a language with its model and its dictionary")
            }
            languages.append(Language(name: name, model: model, symbols: symbols))
        }
        self.languages = languages
    }

    /// Symbols of the largest alphabet.
    var classesMax: Int { languages.map(\.symbols.count).max() ?? 0 }

    /// The language that is asked for; without a wish, and of several, English, which such checkpoints have in
    /// their own state.
    ///
    /// - Returns: the several in `several`; none where one is asked for.
    func choose(
        _ asked: String?
    ) throws(CheckpointError) -> (language: String, several: [String]) {
        let several =
            try asked.map { (text) throws(CheckpointError) in
                try ModelLanguages.several(text, among: names, path: path)
            } ?? []
        if let first = several.first {
            return (several.contains("eng") ? "eng" : first, several)
        }
        if let asked {
            return (try ModelLanguages.find(asked, among: names, path: path), [])
        }
        guard names.contains("eng") else {
            throw CheckpointError(
                .refused, path: path,
                "has adapters for several languages; name one with --language: "
                    + languageList(names))
        }
        return ("eng", [])
    }

    /// The symbols of a language by class.
    func symbols(of name: String) -> [PickledSettings] {
        languages.first { $0.name == name }?.symbols ?? []
    }

    /// The tensors of a model that speaks the language, adapters under the names of Hugging Face.
    ///
    /// - Parameter own: of the model's own state.
    func tensors(
        _ own: [StoredTensor], speaking name: String, of archive: TorchArchive
    ) throws(CheckpointError) -> [StoredTensor] {
        guard let language = languages.first(where: { $0.name == name }) else { return own }
        let replacing = try archive.tensors(in: language.model)
        let replaced = Set(replacing.map(\.name))
        var tensors: [StoredTensor] = []
        for tensor in own.filter({ !replaced.contains($0.name) }) + replacing {
            tensors.append(try Self.renamed(tensor))
        }
        return tensors
    }

    private static let parts = [
        "ln_W": "norm.weight", "ln_b": "norm.bias", "W_a": "linear_1.weight",
        "b_a": "linear_1.bias", "W_b": "linear_2.weight", "b_b": "linear_2.bias",
    ]

    /// Adapters are stored with their number in front of their shape.
    private static func renamed(_ tensor: StoredTensor) throws(CheckpointError) -> StoredTensor {
        let words = tensor.name.split(separator: ".")
        guard words.count > 2, words[words.count - 2] == "adapter_layer",
            let last = words.last, let part = parts[String(last)]
        else { return tensor }
        let name = tensor.name.dropLast(last.count) + part
        guard let first = tensor.withoutFirstDimension(name: String(name)) else {
            throw CheckpointError(
                .refused, path: tensor.file.path, tensor: tensor.name,
                "has several adapters in one; only one for each language is known here")
        }
        return first
    }

    /// Width of the adapters, as the outer settings state it.
    ///
    /// - Throws: for adapters that are computed in another way.
    static func width(_ settings: TrainingArguments) throws(CheckpointError) -> Int {
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: settings.path, message)
        }
        if let activation = try settings.string("adp_act_fn"), activation != "relu" {
            throw refused(
                "has adapters with the activation \(activation.prefix(40)); only relu is known here"
            )
        }
        if let layers = try settings.string("adp_trf_idx"), layers != "all" {
            throw refused(
                "has adapters in the layers \(layers.prefix(40)) only; all layers must have one here"
            )
        }
        guard let width = try settings.int("adp_dim") else {
            throw refused("does not say how wide its adapters are (adp_dim)")
        }
        return width
    }
}
