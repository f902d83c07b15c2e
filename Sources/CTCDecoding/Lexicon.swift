/// Words and their spellings in symbols of an alphabet: the words that a constrained search may give.
package struct Lexicon: Sendable {
    package struct Entry: Hashable, Sendable {
        /// As it stands in the text, and as the language model knows it.
        package let word: String
        /// Symbols of the alphabet, one after another.
        package let symbols: [String]

        package init(word: String, symbols: [String]) {
            self.word = word
            self.symbols = symbols
        }
    }

    /// In the order of the file; a word has as many entries as spellings.
    package let entries: [Entry]

    /// A dictionary of any language fits.
    private static let bytesMax = 1 << 30
    private static let symbolsMax = 1_000

    package init(_ entries: [Entry]) { self.entries = entries }

    /// Reads the form of flashlight and fairseq: a line for each spelling, `WORD<TAB or spaces>S Y M B O L
    /// S`; empty lines count for nothing.
    ///
    /// - Parameter name: of the file, for errors.
    /// - Throws: for a line without symbols or with more than a word can have, with its number.
    package init(_ bytes: [UInt8], name: String) throws(DecoderError) {
        guard bytes.count <= Self.bytesMax else {
            throw DecoderError("\(name): a lexicon of \(bytes.count) bytes is too long")
        }
        var entries: [Entry] = []
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (position, line) in lines.enumerated() {
            let fields = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let word = fields.first else { continue }
            guard (2...Self.symbolsMax).contains(fields.count) else {
                let text = String(decoding: word.prefix(40), as: UTF8.self)
                throw DecoderError(
                    "\(name), line \(position + 1): the word \(text) has \(fields.count - 1) symbols; a "
                        + "line is WORD, a tab, and 1 to \(Self.symbolsMax - 1) symbols between spaces"
                )
            }
            entries.append(
                Entry(
                    word: String(decoding: word, as: UTF8.self),
                    symbols: fields.dropFirst().map { String(decoding: $0, as: UTF8.self) }))
        }
        guard !entries.isEmpty else { throw DecoderError("\(name): the lexicon has no words") }
        self.entries = entries
    }
}
