/// The last words of a text, as far as a model looks back.
///
/// Two states with the same words are equal: they score all that may follow alike.
package struct NGramState: Hashable, Sendable, BitwiseCopyable {
    /// Newest first; 0 beyond ``length``.
    private(set) var words = SIMD8<UInt32>()
    /// log10 of the backoff weight of the newest one, two, … words.
    private(set) var backoffs = SIMD8<Float>()
    package private(set) var length = 0

    /// Before any word.
    package init() {}

    /// - Parameters:
    ///   - word: the newest one; `older` come before it, as many as fit.
    ///   - length: of the words that are kept.
    init(_ word: UInt32, before older: NGramState, backoffs: SIMD8<Float>, length: Int) {
        self.length = length
        guard length > 0 else { return }
        words[0] = word
        for position in 1..<max(1, length) { words[position] = older.words[position - 1] }
        for position in 0..<length { self.backoffs[position] = backoffs[position] }
    }

    package static func == (one: NGramState, other: NGramState) -> Bool {
        one.length == other.length && one.words == other.words
    }

    package func hash(into hasher: inout Hasher) {
        for position in 0..<length { hasher.combine(words[position]) }
    }
}

/// What a model says of one word after others.
package struct NGramScore: Hashable, Sendable {
    /// log10 of the probability.
    package let log10Probability: Float
    /// Words of the longest n-gram that matched, the scored word among them.
    package let length: Int
    /// For the words that follow.
    package let state: NGramState
}
