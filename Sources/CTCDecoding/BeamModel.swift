internal import LanguageModels
internal import SpeechTypes

/// What all searches of a job have in common, none of which changes.
///
/// The alphabet as labels, the language model, the words that are known, and the settings.
struct BeamModel: Sendable {
    /// What a class does to a prefix.
    enum Kind: Sendable {
        case blank
        /// Ends a word.
        case boundary
        /// Stands for no text.
        case silent
        /// Adds the labels of its text, one or more.
        case text
    }

    /// The label of a word's end: no Unicode scalar.
    static let boundary: UInt32 = 0x11_0000
    private static let naturalLogOf10 = 2.302_585_092_994_046

    let settings: BeamSettings
    let vocabulary: Vocabulary
    let kinds: [Kind]
    /// Unicode scalars of each class's text.
    let labels: [[UInt32]]
    /// For each class the first one with the same text.
    let firstClasses: [Int32]
    /// The label of each class that has just one; 0 for others.
    let singleLabels: [UInt32]
    /// Nodes that a class may add to a prefix.
    let branchesMax: Int

    let languageModel: LanguageModel?
    /// The state of the language model before any word.
    let startState: NGramState
    /// From log10 of the model to a share of the score.
    let scale: Double
    /// Every symbol is a word of the language model.
    let isBySymbol: Bool
    /// The language model's index of each class, where symbols are its words.
    let symbolWords: [UInt32]
    /// The words that are known; nil where there is no list.
    let unigrams: LabelTrie?
    /// The language model's indices of the words of ``unigrams``.
    let unigramWords: [UInt32]
    let hotwords: HotwordModel?
    /// The only words that there are; nil where any may be.
    let lexicon: LexiconModel?
    /// Frames are brought to a sum of 1, as pyctcdecode does and flashlight does not.
    let normalizes: Bool
    /// Of ways that give one prefix the last one that was met is kept, as in pyctcdecode.
    let keepsLastWay: Bool

    /// - Throws: if a setting asks for what is not there.
    init(
        _ settings: BeamSettings, vocabulary: Vocabulary, artefacts: DecoderArtefacts,
        hotwords: [Hotword] = []
    ) throws(DecoderError) {
        self.settings = settings
        self.vocabulary = vocabulary
        let isLowercasing = vocabulary.rules.isLowercasing && !settings.isCompatible
        let isOfPieces = vocabulary.rules.assembly == .pieces
        labels = vocabulary.symbols.map { symbol in
            (isLowercasing ? symbol.lowercased() : symbol).unicodeScalars.map {
                // A piece that begins with a space ends the word before it.
                isOfPieces && $0 == " " ? Self.boundary : $0.value
            }
        }
        kinds = vocabulary.symbols.indices.map { [labels] index in
            if index == vocabulary.blank { return .blank }
            if index == vocabulary.wordDelimiter { return .boundary }
            return vocabulary.specials.contains(index) || labels[index].isEmpty ? .silent : .text
        }
        firstClasses =
            vocabulary.firstClasses.isEmpty
            ? vocabulary.symbols.indices.map { Int32($0) }
            : vocabulary.firstClasses.map { Int32($0) }
        singleLabels = labels.map { $0.count == 1 ? $0[0] : 0 }
        let model = artefacts.languageModel
        languageModel = model
        scale = settings.alpha * Self.naturalLogOf10
        let hasWords = Self.hasWords(vocabulary)
        isBySymbol =
            settings.unit == .symbol
            || settings.unit == .auto && !hasWords && !settings.isCompatible && model != nil
        symbolWords =
            model.map { model in
                vocabulary.symbols.map { model.index(of: Array($0.utf8)) }
            } ?? []
        let start =
            settings.scoresBoundary ? model?.beginOfSentence ?? NGramState() : NGramState()
        startState = start
        lexicon = try artefacts.lexicon.map { lexicon throws(DecoderError) in
            try LexiconModel(
                lexicon, vocabulary: vocabulary, languageModel: model, start: start)
        }
        // In a lexicon as many as there are words with one spelling, and one that goes on.
        branchesMax = max(
            labels.lazy.map(\.count).max() ?? 1, 2 + (lexicon?.entriesMax ?? 0))
        let isFlashlight = settings.isCompatible && (lexicon != nil || isBySymbol)
        normalizes = !isFlashlight
        keepsLastWay = settings.isCompatible && !isFlashlight
        let words = try Self.knownWords(settings, artefacts)
        if let model, !isBySymbol, lexicon == nil, let words {
            let known = words.compactMap { word -> (labels: [UInt32], index: UInt32)? in
                let index = model.index(of: Array(word.utf8))
                guard index != LanguageModel.unknownWord else { return nil }
                return (word.unicodeScalars.map(\.value), index)
            }
            unigrams = LabelTrie(known.map(\.labels))
            unigramWords = known.map(\.index)
        } else {
            unigrams = nil
            unigramWords = []
        }
        self.hotwords = HotwordModel(
            artefacts.hotwords + hotwords, boundary: hasWords ? Self.boundary : nil)
    }

    /// The same with hotwords of a row besides those of the job.
    init(_ other: BeamModel, jobHotwords: [Hotword], rowHotwords: [Hotword]) {
        settings = other.settings
        vocabulary = other.vocabulary
        kinds = other.kinds
        labels = other.labels
        firstClasses = other.firstClasses
        singleLabels = other.singleLabels
        branchesMax = other.branchesMax
        lexicon = other.lexicon
        normalizes = other.normalizes
        keepsLastWay = other.keepsLastWay
        startState = other.startState
        languageModel = other.languageModel
        scale = other.scale
        isBySymbol = other.isBySymbol
        symbolWords = other.symbolWords
        unigrams = other.unigrams
        unigramWords = other.unigramWords
        hotwords = HotwordModel(
            jobHotwords + rowHotwords,
            boundary: Self.hasWords(vocabulary) ? Self.boundary : nil)
    }

    private static func hasWords(_ vocabulary: Vocabulary) -> Bool {
        vocabulary.hasWordPieces
            || vocabulary.wordDelimiter != nil && vocabulary.rules.assembly != .phonemes
    }

    /// The list of known words, from wherever the settings say.
    private static func knownWords(
        _ settings: BeamSettings, _ artefacts: DecoderArtefacts
    ) throws(DecoderError) -> [String]? {
        switch settings.unigrams {
        case .none: return nil
        case .list:
            guard let unigrams = artefacts.unigrams else {
                throw DecoderError("the setting unigrams is list, and the job has no list of words")
            }
            return unigrams
        case .auto:
            if let unigrams = artefacts.unigrams { return unigrams }
            guard let model = artefacts.languageModel else { return nil }
            guard settings.isCompatible else {
                return model.words()?.filter { $0 != "<s>" && $0 != "</s>" }
            }
            // pyctcdecode reads the lines of an ARPA file that have three fields.
            let words = model.form == .arpa ? model.words(onlyWithBackoff: true) : nil
            return words?.isEmpty == true ? nil : words
        }
    }
}
