/// Words that a language model is known to have (`unigrams.txt`): one a line.
package enum WordList {
    /// A vocabulary of ten million long words.
    static let bytesMax = 1 << 28

    /// The words in their order; blank lines are none.
    ///
    /// - Throws: if the file cannot be read, or is no UTF-8 text.
    package static func read(_ path: String) throws(DecoderFileError) -> [String] {
        var words: [String] = []
        try TextLines(path, bytesMax: bytesMax).forEach { line, _ in
            if line.contains(where: { !$0.isWhitespace }) { words.append(line) }
        }
        return words
    }
}
