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
        /// SentencePiece and the tokenizers library: pieces of words one after another, with a space where a
        /// word begins; pieces named `<0x41>` are bytes; special symbols have no text.
        case pieces
    }

    /// What becomes of spaces before the first word, of which output records have none anyway.
    package enum LeadingSpaces: String, Hashable, Sendable {
        case kept
        /// The first symbol loses one.
        case firstSymbolLosesOne
        /// The first symbol loses all that it has.
        case firstSymbolLosesAll
        /// Each symbol loses one until there is text.
        case eachSymbolLosesOne
    }

    /// What SentencePiece writes for a symbol that it does not know.
    package static let unknownPiece = " \u{2047} "

    package var assembly: Assembly
    /// What the word delimiter becomes (`replace_word_delimiter_char`): a space, or nothing in languages
    /// written without.
    package var delimiterText: String
    /// Whether text becomes lower case after decoding (`do_lower_case`).
    package var isLowercasing: Bool
    /// Whether spaces before punctuation and English clitics go (`clean_up_tokenization_spaces`).
    package var tightensPunctuation: Bool
    /// Of pieces.
    package var leadingSpaces: LeadingSpaces

    package init(
        assembly: Assembly = .labels, delimiterText: String = " ", isLowercasing: Bool = false,
        tightensPunctuation: Bool = false, leadingSpaces: LeadingSpaces = .kept
    ) {
        self.assembly = assembly
        self.delimiterText = delimiterText
        self.isLowercasing = isLowercasing
        self.tightensPunctuation = tightensPunctuation
        self.leadingSpaces = leadingSpaces
    }
}
