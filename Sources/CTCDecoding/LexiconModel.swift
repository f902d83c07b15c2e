internal import LanguageModels
internal import SpeechTypes

/// The words of a lexicon as a tree of the alphabet's classes, for a search that gives no other words.
struct LexiconModel: Sendable {
    /// Where every word begins.
    static let root = LabelTrie.root
    /// The label of a node where a word ends: this, and the word's number.
    static let wordLabels: UInt32 = 1 << 24
    /// In place of a word's number: one that is spelled and stands in no lexicon.
    static let unknownWord: Int32 = (1 << 24) - 1

    let trie: LabelTrie
    let entries: [Lexicon.Entry]
    /// The language model's index of each entry.
    let words: [UInt32]
    /// The entries that end at each node, where there are some.
    private let ends: [Int32: [Int32]]
    /// For each node the best that the language model says of the words below it at the beginning of a text,
    /// as log10: what a word is taken to get while it is not known which one it is.
    let lookahead: [Double]

    /// - Throws: for a spelling with a symbol that the alphabet does not have, and for an alphabet of which none
    ///   could be written.
    init(
        _ lexicon: Lexicon, vocabulary: Vocabulary, languageModel: LanguageModel?,
        start: NGramState
    ) throws(DecoderError) {
        guard lexicon.entries.count < Int(Self.unknownWord) else {
            throw DecoderError("the lexicon has too many words: \(lexicon.entries.count)")
        }
        guard !vocabulary.hasWordPieces else {
            throw DecoderError(
                "a lexicon spells words in symbols with spaces between them, and this model's symbols are "
                    + "pieces of words, of which some begin with a space: leave --lexicon out")
        }
        var classes: [[UInt8]: UInt32] = [:]
        for (index, symbol) in vocabulary.symbols.enumerated().reversed() {
            classes[Array(symbol.utf8)] = UInt32(index)
        }
        var spellings: [[UInt32]] = []
        for entry in lexicon.entries {
            var spelling: [UInt32] = []
            for symbol in entry.symbols {
                guard let index = classes[Array(symbol.utf8)], Int(index) != vocabulary.blank else {
                    throw DecoderError(
                        "the lexicon spells \(entry.word) with \(symbol), which is no symbol of the "
                            + "model's alphabet")
                }
                spelling.append(index)
            }
            spellings.append(spelling)
        }
        let trie = LabelTrie(spellings)
        entries = lexicon.entries
        let words = lexicon.entries.map { entry in
            languageModel?.index(of: Array(entry.word.utf8)) ?? LanguageModel.unknownWord
        }
        var ends: [Int32: [Int32]] = [:]
        var best = [Double](repeating: -.infinity, count: trie.nodeCount)
        for (entry, spelling) in spellings.enumerated() {
            var node = Self.root
            for label in spelling { node = trie.child(of: node, label) }
            ends[node, default: []].append(Int32(entry))
            let score = languageModel.map {
                Double($0.score(words[entry], after: start).log10Probability)
            }
            best[Int(node)] = max(best[Int(node)], score ?? 0)
        }
        for node in (1..<max(1, trie.nodeCount)).reversed() {
            let parent = Int(trie.parents[node])
            best[parent] = max(best[parent], best[node])
        }
        best[Int(Self.root)] = 0
        self.trie = trie
        self.words = words
        self.ends = ends
        lookahead = best
    }

    /// The most entries with one spelling.
    var entriesMax: Int { ends.values.lazy.map(\.count).max() ?? 0 }

    /// The entries that end at `node`; empty for none.
    func entries(at node: Int32) -> [Int32] {
        trie.words[Int(node)] < 0 ? [] : ends[node] ?? []
    }
}
