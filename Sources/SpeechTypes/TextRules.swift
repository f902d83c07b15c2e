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

/// Pieces that stand for one byte each, as SentencePiece writes them where a character has no piece of its own
/// (`byte_fallback`): `<0xE4>`.
package enum BytePieces {
    /// The byte that a symbol stands for; nil for other symbols.
    package static func byte(of symbol: String) -> UInt8? {
        let bytes = Array(symbol.utf8)
        guard bytes.count == 6, bytes.starts(with: "<0x".utf8), bytes[5] == UInt8(ascii: ">")
        else { return nil }
        let digits = bytes[3...4]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) })
        else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// What bytes in a row say: scalars, each with how many of the bytes it takes.
    ///
    /// Bytes that are no UTF-8 together are U+FFFD each, as SentencePiece has it.
    package static func scalars(of bytes: [UInt8]) -> [(scalar: Unicode.Scalar, count: Int)] {
        var scalars: [(scalar: Unicode.Scalar, count: Int)] = []
        var start = 0
        while start < bytes.count {
            var next: (scalar: Unicode.Scalar, count: Int) = ("\u{FFFD}", 1)
            for length in stride(from: min(4, bytes.count - start), through: 1, by: -1) {
                let run = bytes[start..<start + length]
                let decoded = String(validating: run, as: UTF8.self)?.unicodeScalars
                if let decoded, decoded.count == 1, let only = decoded.first {
                    next = (only, length)
                    break
                }
            }
            scalars.append(next)
            start += next.count
        }
        return scalars
    }
}
