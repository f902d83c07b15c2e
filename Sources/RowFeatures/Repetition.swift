package import SpeechTypes

/// How much of a transcript says again what was just said, as a model does that has lost its way.
package enum Repetition {
    /// Symbols that have to be the same in a sequence.
    private static let stretch = 6
    /// How far back they are looked for.
    private static let distanceMax = 120

    /// The share of symbols that end a stretch of six which is the same as one that ended at most 120
    /// symbols before; nil where there are no symbols.
    package static func share(of symbols: [Transcript.Symbol]) -> Double? {
        guard !symbols.isEmpty else { return nil }
        // How many symbols in a sequence, up to this one, are those that stand so far before them.
        var same = [Int](repeating: 0, count: distanceMax + 1)
        var repeated = 0
        for position in symbols.indices {
            var isRepeated = false
            for distance in 1...max(1, min(distanceMax, position)) where distance <= position {
                let isSame = symbols[position].index == symbols[position - distance].index
                same[distance] = isSame ? same[distance] + 1 : 0
                if same[distance] >= stretch { isRepeated = true }
            }
            if isRepeated { repeated += 1 }
        }
        return Double(repeated) / Double(symbols.count)
    }
}
