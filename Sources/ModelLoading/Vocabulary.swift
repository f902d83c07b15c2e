/// The symbols that a model's head scores, by class, and how they become text.
package struct Vocabulary: Sendable {
    /// Whose decoder says how symbols become text.
    package enum Reading: String, Hashable, Sendable {
        /// fairseq's and NVIDIA's label files: symbols one after another.
        case labels
        /// transformers' `Wav2Vec2CTCTokenizer`: likewise; classes with one text are one symbol.
        case letters
        /// transformers' `Wav2Vec2PhonemeCTCTokenizer`: symbols with spaces between them, without
        /// the word delimiter; classes with one text are one symbol.
        case phonemes
    }

    /// One symbol a class; where a checkpoint names none for a class, what stands for unknown.
    package let symbols: [String]
    /// The class of CTC's blank.
    package let blankIndex: Int
    /// The class that separates words; nil where the vocabulary has no word boundary.
    package let wordDelimiterIndex: Int?
    /// Classes that stand for no text: blank, padding, begin, end, unknown.
    package let specialIndices: [Int]
    /// Whether text is lowered after decoding (`do_lower_case`).
    package let lowersCase: Bool
    package var reading = Reading.labels
    /// What the word delimiter becomes (`replace_word_delimiter_char`).
    package var delimiterText = " "
    /// Whether spaces before punctuation go (`clean_up_tokenization_spaces`).
    package var tightensPunctuation = false

    package init(
        symbols: [String], blankIndex: Int, wordDelimiterIndex: Int?, specialIndices: [Int],
        lowersCase: Bool
    ) {
        self.symbols = symbols
        self.blankIndex = blankIndex
        self.wordDelimiterIndex = wordDelimiterIndex
        self.specialIndices = specialIndices
        self.lowersCase = lowersCase
    }
}
