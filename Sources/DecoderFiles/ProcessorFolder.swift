internal import Checkpoints
internal import Files
package import SpeechTypes
internal import StrictJSON

/// A model's folder as transformers' `Wav2Vec2ProcessorWithLM` saves it: `alphabet.json` and, in
/// `language_model`, a model, its words and what they weigh.
///
/// What transformers refuses is refused here, and so is an alphabet in another order than the model's
/// classes, with which transformers decodes nonsense.
package struct ProcessorFolder: Sendable {
    package let languageModelPath: String
    package let unigramsPath: String
    /// Weight of the language model's natural logarithm.
    package let alpha: Double
    /// Added for each word.
    package let beta: Double
    /// Added to log10 of an unknown word.
    package let unknownScoreOffset: Double
    /// Sentences begin after `<s>` and end with `</s>`.
    package let scoresBoundary: Bool

    /// The folder within a model's folder.
    package static let languageModelFolder = "language_model"

    private static let attributeNames: Set = [
        "alpha", "beta", "unk_score_offset", "score_boundary",
    ]
    private static let modelSuffixes = [".arpa", ".bin", ".binary"]

    /// Whether a folder has a language model beside its acoustic one.
    package static func hasLanguageModel(_ folder: String) -> Bool {
        FileKind.of("\(folder)/\(languageModelFolder)") == .folder
    }

    /// - Parameter vocabulary: of the acoustic model in the folder.
    /// - Throws: if something is missing, or is not as transformers has it.
    package init(_ folder: String, vocabulary: Vocabulary) throws(DecoderFileError) {
        let own = "\(folder)/\(Self.languageModelFolder)"
        guard FileKind.of(own) == .folder else {
            throw DecoderFileError(
                folder,
                "it has no folder language_model, so there is no language model to take with --lm auto: "
                    + "name one with --lm FILE, or leave --lm out")
        }
        (languageModelPath, unigramsPath) = try Self.files(in: own)
        (alpha, beta, unknownScoreOffset, scoresBoundary) =
            try Self.attributes("\(own)/attrs.json")
        try Self.checkAlphabet("\(folder)/alphabet.json", vocabulary)
    }

    // MARK: Files

    /// The model and the list of words among exactly three files that are not hidden.
    private static func files(
        in folder: String
    ) throws(DecoderFileError) -> (model: String, unigrams: String) {
        let names = try visibleNames(in: folder)
        for needed in ["attrs.json", "unigrams.txt"] where !names.contains(needed) {
            throw DecoderFileError(
                folder,
                needed == "attrs.json"
                    ? "it has no attrs.json, which says what the language model weighs: add it, or name the "
                        + "model with --lm FILE and its weights with --alpha and --beta"
                    : "it has no unigrams.txt, the list of the language model's words: add it (an empty "
                        + "one does), or name the model with --lm FILE")
        }
        let others = names.filter { $0 != "attrs.json" && $0 != "unigrams.txt" }
        guard
            let name = others.first(where: { name in modelSuffixes.contains { name.hasSuffix($0) } }
            )
        else {
            let found = others.isEmpty ? "nothing else" : others.prefix(5).joined(separator: ", ")
            throw DecoderFileError(
                folder,
                "beside attrs.json and unigrams.txt it has \(found), and a language model ends in .arpa, "
                    + ".bin or .binary: rename it, or name it with --lm FILE, which takes .gz too")
        }
        guard others.count == 1 else {
            let surplus = others.filter { $0 != name }.prefix(5).joined(separator: ", ")
            throw DecoderFileError(
                folder,
                "it has \(surplus) besides \(name), attrs.json and unigrams.txt, and must hold these three "
                    + "alone: move the others away, or name the model with --lm FILE")
        }
        return ("\(folder)/\(name)", "\(folder)/unigrams.txt")
    }

    private static func visibleNames(in folder: String) throws(DecoderFileError) -> [String] {
        do throws(FileError) {
            return try FolderListing.names(in: folder)
        } catch {
            throw DecoderFileError(folder, error.sentence)
        }
    }

    // MARK: Weights

    private static func attributes(
        _ path: String
    ) throws(DecoderFileError) -> (Double, Double, Double, Bool) {
        let object = try object(path)
        let names = Set(object.members.map(\.key))
        guard names == attributeNames else {
            let missing = attributeNames.subtracting(names).sorted()
            let unknown = names.subtracting(attributeNames).sorted()
            let what =
                (missing.isEmpty ? [] : ["lacks \(missing.joined(separator: ", "))"])
                + (unknown.isEmpty ? [] : ["has \(unknown.prefix(5).joined(separator: ", "))"])
            throw DecoderFileError(
                path,
                "it \(what.joined(separator: " and ")), and must have alpha, beta, unk_score_offset and "
                    + "score_boundary and nothing else")
        }
        guard let alpha = number(object["alpha"]), let beta = number(object["beta"]),
            let offset = number(object["unk_score_offset"])
        else {
            throw DecoderFileError(
                path, "alpha, beta and unk_score_offset must be numbers of at most a thousand")
        }
        guard let boundary = object["score_boundary"]?.bool else {
            throw DecoderFileError(path, "score_boundary must be true or false")
        }
        return (alpha, beta, offset, boundary)
    }

    private static func number(_ value: JSONValue?) -> Double? {
        value?.double.flatMap { abs($0) <= 1_000 ? $0 : nil }
    }

    // MARK: Alphabet

    /// The model's classes must be what the alphabet has, in its spelling: `""` for the blank, `" "` for
    /// the delimiter, `"⁇"` for unknown.
    private static func checkAlphabet(
        _ path: String, _ vocabulary: Vocabulary
    ) throws(DecoderFileError) {
        guard FileKind.of(path) == .file else {
            throw DecoderFileError(
                path,
                "there is no such file, and a folder with a language model has one: add it, or name the "
                    + "model with --lm FILE")
        }
        let object = try object(path)
        guard object["is_bpe"]?.bool != true else {
            throw DecoderFileError(
                path,
                "its classes are pieces of words (is_bpe), which this decoder does not put together"
            )
        }
        guard let values = object["labels"]?.array else {
            throw DecoderFileError(path, "labels must be a list of strings, one for each class")
        }
        let labels = values.map { $0.string ?? "" }
        let expected = vocabulary.symbols.indices.map { Self.label(of: $0, in: vocabulary) }
        let lacking = expected.filter { label in !labels.contains { $0.hasSameBytes(as: label) } }
        guard lacking.isEmpty else {
            let shown = lacking.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
            throw DecoderFileError(
                path,
                "it lacks \(shown), which the model has classes for: the blank is written \"\", the space "
                    + "between words \" \", the unknown symbol \"⁇\", all others as in vocab.json")
        }
        guard labels.count == expected.count else {
            throw DecoderFileError(
                path, "it has \(labels.count) labels, and the model has \(expected.count) classes")
        }
        if let index = labels.indices.first(where: { !labels[$0].hasSameBytes(as: expected[$0]) }) {
            throw DecoderFileError(
                path,
                "class \(index) is \"\(labels[index])\" there and \"\(expected[index])\" in the model: the "
                    + "alphabet is in another order than the model's vocabulary, or of another model"
            )
        }
    }

    private static func label(of index: Int, in vocabulary: Vocabulary) -> String {
        let symbol = vocabulary.symbols[index]
        if index == vocabulary.blank { return "" }
        if index == vocabulary.wordDelimiter { return " " }
        return ["<unk>", "[UNK]"].contains(symbol) ? "⁇" : symbol
    }

    private static func object(_ path: String) throws(DecoderFileError) -> JSONObject {
        do throws(CheckpointError) {
            return try JSONText.object(of: FileBytes(mapping: path))
        } catch {
            throw DecoderFileError(path, error.message)
        }
    }
}
