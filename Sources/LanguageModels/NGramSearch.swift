/// How a file form finds n-grams: from the newest word backwards into the history.
protocol NGramSearch: Sendable {
    /// Where the search is in the history.
    associatedtype Node

    /// Words of the longest n-grams.
    var order: Int { get }

    /// A single word, and where to look for older ones.
    func unigram(_ word: UInt32) -> (entry: NGramEntry, node: Node)
    /// The n-gram of `length` words that has `word` before what was found; moves `node` to it.
    func middle(_ word: UInt32, length: Int, node: inout Node) -> NGramEntry?
    /// log10 of the probability of the longest n-gram that has `word` before what was found.
    func longest(_ word: UInt32, node: Node) -> Float?
}

/// What a model has for an n-gram that is not of the highest order.
struct NGramEntry: Hashable, Sendable {
    var log10Probability: Float
    /// -0 where no longer n-gram begins with this one, so that it need not be remembered.
    var log10Backoff: Float

    /// KenLM's mark of an n-gram that no longer one begins with.
    static let noExtension: Float = -0.0

    var isExtended: Bool { log10Backoff.bitPattern != Self.noExtension.bitPattern }
}

extension NGramSearch {
    /// That of `<unk>` in a model that has none.
    private static var log10OfDamaged: Float { -100 }

    /// Scores `word`: the longest n-gram that ends with it, and the backoff weights of the history
    /// beyond.
    ///
    /// Sums are formed in float32 in KenLM's order, so that they are its numbers.
    func score(_ word: UInt32, after state: NGramState) -> NGramScore {
        let (unigram, start) = unigram(word)
        var node = start
        var probability = unigram.log10Probability
        var backoffs = SIMD8<Float>()
        backoffs[0] = unigram.log10Backoff
        var (length, kept) = (1, unigram.isExtended && order > 1 ? 1 : 0)
        for position in 0..<state.length {
            if length == order - 1 {
                if let longest = longest(state.words[position], node: node) {
                    probability = longest
                    length += 1
                }
                break
            }
            guard
                let entry = middle(state.words[position], length: length + 1, node: &node)
            else { break }
            probability = entry.log10Probability
            backoffs[length] = entry.log10Backoff
            length += 1
            if entry.isExtended { kept = length }
        }
        for position in length - 1..<max(length - 1, state.length) {
            probability += state.backoffs[position]
        }
        // A damaged file may hold anything; what comes of it must still compare.
        if probability.isNaN || probability == .infinity {
            probability = Self.log10OfDamaged
        }
        return NGramScore(
            log10Probability: probability, length: length,
            state: NGramState(word, before: state, backoffs: backoffs, length: kept))
    }
}
