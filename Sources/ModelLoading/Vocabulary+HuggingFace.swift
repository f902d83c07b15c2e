internal import Checkpoints
internal import SpeechTypes
internal import StrictJSON

extension Vocabulary {
    /// - Parameters:
    ///   - padTokenID: config.json's `pad_token_id`, which CTC models use as blank.
    ///   - classes: how many the head scores.
    ///   - warnings: gets a sentence for each oddity that transformers passes over.
    init(
        _ tokenizer: HuggingFaceTokenizer, padTokenID: Int?, classes: Int,
        warnings: inout [String]
    ) throws(CheckpointError) {
        let path = tokenizer.vocabularyPath
        func refused(_ message: String) -> CheckpointError {
            CheckpointError(.refused, path: path, message)
        }
        let found = try ClassSymbols(tokenizer, classes: classes)
        try found.check(path: path, warnings: &warnings)
        let unknown = tokenizer.token("unk_token", standard: "<unk>") ?? "<unk>"
        let symbols = found.symbols.map { $0 ?? unknown }
        func indices(_ text: String?) -> [Int] {
            guard let text else { return [] }
            return symbols.indices.filter { symbols[$0].hasSameBytes(as: text) }
        }

        let padToken = tokenizer.token("pad_token", standard: "<pad>")
        let named = indices(padToken)
        guard let blank = padTokenID ?? named.first, symbols.indices.contains(blank) else {
            throw refused(
                "has no blank: neither pad_token_id in config.json nor the pad token "
                    + "\(padToken ?? "null") is one of its \(symbols.count) symbols; set pad_token_id "
                    + "to the class that training took for CTC's blank")
        }
        if let other = named.first, !named.contains(blank) {
            throw refused(
                "has two blanks: class \(other) is the pad token \(padToken ?? ""), and config.json's "
                    + "pad_token_id is \(blank); make both the class that training took for CTC's "
                    + "blank")
        }
        let delimiter = tokenizer.token(
            "word_delimiter_token", standard: tokenizer.assembly == .phonemes ? nil : "|")
        let specials =
            ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"]
            .flatMap { indices(tokenizer.token($0.key, standard: $0.value)) }
        let nameless = found.symbols.indices.filter { found.symbols[$0] == nil }
        let lowersCase = try tokenizer.flag("do_lower_case")
        self.init(
            symbols: symbols, blank: blank, wordDelimiter: indices(delimiter).first,
            specials: Set(specials + named + nameless + [blank]),
            rules: TextRules(
                assembly: tokenizer.assembly, delimiterText: tokenizer.delimiterText,
                isLowercasing: lowersCase && tokenizer.assembly == .letters,
                tightensPunctuation: try tokenizer.flag("clean_up_tokenization_spaces")))
    }
}

/// The symbol of each class, found as transformers finds it.
private struct ClassSymbols {
    /// Nil where no file names one: transformers prints its unknown token there.
    private(set) var symbols: [String?]
    /// Classes that vocab.json gives two symbols, with both.
    private var doubles: [(index: Int, taken: String, lost: String)] = []
    /// Classes that vocab.json itself names.
    private let namedByVocabulary: Int
    /// Symbols of vocab.json that no class scores.
    private var unscored: [String] = []

    init(_ tokenizer: HuggingFaceTokenizer, classes: Int) throws(CheckpointError) {
        symbols = Array(repeating: nil, count: classes)
        var table: [ExactString: Int] = [:]
        for member in tokenizer.vocabulary.members {
            guard let index = member.value.int, index >= 0 else {
                throw CheckpointError(
                    .damaged, path: tokenizer.vocabularyPath,
                    "maps \(member.key) to something else than a class")
            }
            table[ExactString(member.key)] = index
            guard index < classes else {
                unscored.append(member.key)
                continue
            }
            if let lost = symbols[index] { doubles.append((index, member.key, lost)) }
            symbols[index] = member.key
        }
        namedByVocabulary = symbols.count { $0 != nil }
        let added = Self.addedTokens(tokenizer, table)
        for (index, text) in added.sorted(by: { $0.key < $1.key })
        where symbols.indices.contains(index) {
            // Phoneme tokenizers let added tokens win; the others ask vocab.json first.
            if let symbol = symbols[index],
                tokenizer.assembly == .letters
                    || symbol.hasSameBytes(as: text)
            {
                continue
            }
            if let lost = symbols[index] { doubles.append((index, text, lost)) }
            symbols[index] = text
        }
    }

    /// What is beside vocab.json, by class: tokens that files list, then special tokens that
    /// nothing has named so far, which get the numbers from the vocabulary's size on.
    private static func addedTokens(
        _ tokenizer: HuggingFaceTokenizer, _ vocabulary: [ExactString: Int]
    ) -> [Int: String] {
        var table = vocabulary
        var added: [Int: String] = [:]
        var listed: Set<ExactString> = []
        for token in tokenizer.addedTokens {
            added[token.index] = token.text
            table[ExactString(token.text)] = token.index
            listed.insert(ExactString(token.text))
        }
        var next = table.count
        for text in tokenizer.specialTexts where !text.isEmpty {
            let key = ExactString(text)
            guard listed.insert(key).inserted else { continue }
            let index = table[key] ?? next
            if table.updateValue(index, forKey: key) == nil { next += 1 }
            added[index] = text
        }
        return added
    }

    /// Refuses another model's symbols, and warns of what transformers would pass over.
    func check(path: String, warnings: inout [String]) throws(CheckpointError) {
        let nameless = symbols.indices.filter { symbols[$0] == nil }
        guard namedByVocabulary * 2 >= symbols.count, unscored.count <= namedByVocabulary else {
            throw CheckpointError(
                .refused, path: path,
                "names \(namedByVocabulary) of the \(symbols.count) classes that the head scores, "
                    + "and \(unscored.count) that it does not; it belongs to another model: copy "
                    + "vocab.json from this model's repository")
        }
        if !nameless.isEmpty {
            warnings.append(
                "\(path): \(Self.list(nameless.map { "\($0)" }, "class", "classes")) "
                    + "\(nameless.count == 1 ? "has" : "have") no symbol, and "
                    + "\(nameless.count == 1 ? "is" : "are") left out of texts as unknown")
        }
        for double in doubles.prefix(10) {
            warnings.append(
                "\(path): class \(double.index) has two symbols, \(double.lost) and "
                    + "\(double.taken); the second is taken, as transformers takes it")
        }
        if !unscored.isEmpty {
            warnings.append(
                "\(path): the head does not score \(Self.list(unscored, "the symbol", "the symbols"))"
            )
        }
    }

    private static func list(_ names: [String], _ one: String, _ many: String) -> String {
        let shown = names.prefix(10).joined(separator: ", ")
        return "\(names.count == 1 ? one : many) \(shown)\(names.count > 10 ? ", …" : "")"
    }
}
