/// How the symbols of one project's models become text.
package struct TextRules: Hashable, Sendable {
    package enum Assembly: String, Hashable, Sendable {
        /// fairseq and NVIDIA: symbols one after another; the delimiter's text becomes a space
        /// wherever it occurs, within another symbol too.
        case labels
        /// transformers' `Wav2Vec2CTCTokenizer`: symbols one after another; the delimiter becomes
        /// ``delimiterText``; classes with one text are one symbol.
        case letters
        /// transformers' `Wav2Vec2PhonemeCTCTokenizer`: a space between symbols; the delimiter
        /// vanishes; classes with one text are one symbol.
        case phonemes
    }

    package var assembly: Assembly
    /// What the word delimiter becomes (`replace_word_delimiter_char`): a space, or nothing in languages
    /// written without.
    package var delimiterText: String
    /// Whether text becomes lower case after decoding (`do_lower_case`).
    package var isLowercasing: Bool
    /// Whether spaces before punctuation and English clitics go (`clean_up_tokenization_spaces`).
    package var tightensPunctuation: Bool

    package init(
        assembly: Assembly = .labels, delimiterText: String = " ", isLowercasing: Bool = false,
        tightensPunctuation: Bool = false
    ) {
        self.assembly = assembly
        self.delimiterText = delimiterText
        self.isLowercasing = isLowercasing
        self.tightensPunctuation = tightensPunctuation
    }
}
