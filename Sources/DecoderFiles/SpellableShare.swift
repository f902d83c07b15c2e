package import SpeechTypes

/// How many words of a list a model's alphabet cannot write: in another case or script they never match.
package struct SpellableShare: Sendable {
    package private(set) var count = 0
    package private(set) var unspellable = 0
    /// Of those, the words that would do in the other case.
    private var inOtherCase = 0
    private var example: String?

    private let symbols: Set<[UInt8]>
    private let lengthMax: Int

    package init(_ vocabulary: Vocabulary) {
        var symbols: Set<[UInt8]> = []
        for (index, symbol) in vocabulary.symbols.enumerated()
        where index != vocabulary.blank && index != vocabulary.wordDelimiter
            && !vocabulary.specials.contains(index) && !symbol.isEmpty
        {
            // A piece that begins a word has the space before it.
            symbols.insert(Array(symbol.utf8.drop { $0 == UInt8(ascii: " ") }))
        }
        self.symbols = symbols
        lengthMax = symbols.map(\.count).max() ?? 0
    }

    /// Counts the words of a phrase.
    package mutating func add(_ phrase: String) {
        for word in phrase.split(separator: " ") {
            count += 1
            if canSpell(Array(word.utf8)) { continue }
            unspellable += 1
            if example == nil { example = String(word) }
            let others = [word.uppercased(), word.lowercased()]
            if others.contains(where: { canSpell(Array($0.utf8)) }) { inOtherCase += 1 }
        }
    }

    /// What a user is told of a list; nil where every word can be written.
    ///
    /// - Parameter what: the list, in words.
    package func warning(_ what: String) -> String? {
        guard unspellable > 0, let example else { return nil }
        let share = Double(unspellable) / Double(count)
        let permille = Int((share * 1_000).rounded())
        let percent = permille == 0 ? "less than 0.1" : "\(permille / 10).\(permille % 10)"
        let remedy =
            inOtherCase * 2 >= unspellable
            ? "; in the other case most of them could: use a list in the case of the model's alphabet"
            : ""
        return "\(what): \(unspellable) of \(count) words (\(percent) %), such as "
            + "\(String(example.prefix(40))), cannot be written in the model's alphabet and never "
            + "match\(remedy)"
    }

    /// Whether symbols of the alphabet, end to end, give these bytes.
    private func canSpell(_ word: [UInt8]) -> Bool {
        // Longer than any word: not worth a look at every cut.
        guard word.count <= 1_000 else { return false }
        var reachable = [Bool](repeating: false, count: word.count + 1)
        reachable[0] = true
        for start in word.indices where reachable[start] {
            for length in 1...max(1, lengthMax) where start + length <= word.count {
                if symbols.contains(Array(word[start..<start + length])) {
                    reachable[start + length] = true
                }
            }
        }
        return reachable[word.count]
    }
}
