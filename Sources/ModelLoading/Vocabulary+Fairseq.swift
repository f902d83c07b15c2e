package import Checkpoints
package import SpeechTypes
internal import StrictJSON

extension Vocabulary {
    /// Labels that a model may have.
    static let symbolsMax = 1 << 20
    /// What fairseq puts before the symbols of a label file; the first serves as blank.
    private static let fairseqSpecials = ["<s>", "<pad>", "</s>", "<unk>"]
    private static let overwriteFlag = "#fairseq:overwrite"

    /// A label file (`dict.ltr.txt`): one `symbol count` a line, in class order after the four
    /// special symbols.
    ///
    /// - Parameter path: for messages; line numbers are 1-based.
    package init(labelFile text: String, path: String) throws(CheckpointError) {
        var symbols = Self.fairseqSpecials
        var known = Set(symbols.map { ExactString($0) })
        // Scalars, since a carriage return and a line feed are one Character.
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count <= Self.symbolsMax else {
            throw CheckpointError(.overLimit, path: path, "has \(lines.count) labels")
        }
        for (index, line) in lines.enumerated() {
            func damaged(_ message: String) -> CheckpointError {
                CheckpointError(.damaged, path: path, "line \(index + 1) \(message)")
            }
            guard var (symbol, count) = Self.cut(Substring(line)) else {
                throw damaged("must be a symbol, a space and a count")
            }
            var mayRepeat = false
            if count.hasSameBytes(as: Self.overwriteFlag) {
                mayRepeat = true
                guard let cut = Self.cut(symbol) else {
                    throw damaged("must be a symbol, a space and a count")
                }
                (symbol, count) = cut
            }
            guard Int(count) != nil, !symbol.unicodeScalars.isEmpty else {
                throw damaged("must be a symbol, a space and a count")
            }
            guard known.insert(ExactString(symbol)).inserted || mayRepeat else {
                throw damaged("repeats the symbol \(symbol)")
            }
            symbols.append(String(symbol))
        }
        self.init(fairseqSymbols: symbols)
    }

    /// All symbols by class, the special ones first.
    ///
    /// - Precondition: there are symbols, of which the first is the blank.
    package init(fairseqSymbols symbols: [String]) {
        self.init(
            symbols: symbols, blank: 0,
            wordDelimiter: symbols.firstIndex { $0.hasSameBytes(as: "|") },
            specials: Set(0..<min(Self.fairseqSpecials.count, symbols.count)))
    }

    /// Both sides of the last space, white space at the line's end left out.
    private static func cut(_ line: Substring) -> (symbol: Substring, count: Substring)? {
        var scalars = line.unicodeScalars
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        guard let space = scalars.lastIndex(of: " ") else { return nil }
        return (
            Substring(scalars[..<space]), Substring(scalars[scalars.index(after: space)...])
        )
    }
}
