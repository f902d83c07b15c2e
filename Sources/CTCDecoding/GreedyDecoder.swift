/// The best class of each frame, with repeats and blanks removed.
package struct GreedyDecoder: Sendable {
    private let blank: Int

    package init(alphabet: Alphabet) { blank = alphabet.blank }

    /// Of equal classes the first wins; a symbol after a blank counts anew.
    package func decode(_ logProbabilities: LogProbabilities) -> Hypothesis {
        precondition(blank < logProbabilities.classes, "the blank is a class")
        var symbols: [Hypothesis.Symbol] = []
        var previous = blank
        logProbabilities.values.withUnsafeBufferPointer { values in
            for frame in 0..<logProbabilities.frames {
                let start = frame * logProbabilities.classes
                var best = 0
                for index in 1..<logProbabilities.classes
                where values[start + index] > values[start + best] { best = index }
                if best != previous && best != blank {
                    symbols.append(Hypothesis.Symbol(index: best, frame: frame))
                }
                previous = best
            }
        }
        return Hypothesis(symbols: symbols)
    }
}
