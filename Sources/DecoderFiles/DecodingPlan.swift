internal import CTCDecoding
internal import LanguageModels
package import SpeechTypes

/// What a job is decoded with: a decoder, and the files that the job takes besides the model.
package struct DecodingPlan: Sendable {
    package var choice: DecoderChoice
    package var files: DecoderFileSet

    package init(choice: DecoderChoice, files: DecoderFileSet = DecoderFileSet()) {
        self.choice = choice
        self.files = files
    }

    /// Of a language model with more, none are looked at.
    private static let wordsLookedAtMax = 2_000_000

    /// Whether a decoder can be made, and what a user should be warned of.
    ///
    /// - Throws: what a file is refused for, and why the decoder cannot be made.
    package func check(vocabulary: Vocabulary) throws -> [String] {
        guard files.paths.keys.contains(where: { $0 != .calibration }) else { return [] }
        var artefacts = try files.load(isForCheck: true)
        var warnings: [String] = []
        func look(at words: some Sequence<String>, _ kind: DecoderFileKind) {
            var share = SpellableShare(vocabulary)
            for word in words { share.add(word) }
            let what = "\(kind.words) \(files.paths[kind] ?? "")"
            if let warning = share.warning(what) { warnings.append(warning) }
        }
        let marks: Set = ["<s>", "</s>", "<unk>", "<UNK>"]
        if let unigrams = artefacts.unigrams {
            look(at: unigrams.filter { !marks.contains($0) }, .unigrams)
        } else if let model = artefacts.languageModel, model.counts[0] <= Self.wordsLookedAtMax {
            look(at: (model.words() ?? []).filter { !marks.contains($0) }, .languageModel)
        }
        look(at: artefacts.hotwords.map(\.phrase), .hotwords)
        // Its words are those of a model that is not read here.
        if artefacts.languageModel == nil, artefacts.unigrams == nil { artefacts.unigrams = [] }
        _ = try DecoderList.configure(choice)(vocabulary, artefacts)
        return warnings
    }
}
