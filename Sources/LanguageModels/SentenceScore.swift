/// What a model says of a sentence, word by word.
package struct SentenceScore: Sendable {
    /// One scored word.
    package struct Word: Sendable {
        package let text: String
        package let log10Probability: Float
        /// Words of the longest n-gram that matched.
        package let length: Int
        package let isUnknown: Bool
    }

    /// Those of the sentence, and `</s>` where its end is scored.
    package private(set) var words: [Word] = []

    /// Scores words between white space of ASCII.
    ///
    /// - Parameter hasBoundaries: the sentence begins after `<s>`, and `</s>` is scored behind it.
    package init(
        of sentence: some Sequence<UInt8>, by model: LanguageModel, hasBoundaries: Bool = true
    ) {
        var state = hasBoundaries ? model.beginOfSentence : NGramState()
        func score(_ word: UInt32, _ text: String) {
            let score = model.score(word, after: state)
            state = score.state
            words.append(
                Word(
                    text: text, log10Probability: score.log10Probability, length: score.length,
                    isUnknown: word == LanguageModel.unknownWord))
        }
        let spaces: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D]
        for word in Array(sentence).split(whereSeparator: spaces.contains) {
            score(model.index(of: word), String(decoding: word, as: UTF8.self))
        }
        if hasBoundaries { score(model.sentenceEnd, "</s>") }
    }

    /// log10 of the probability of all words.
    package var log10Probability: Double {
        words.reduce(0) { $0 + Double($1.log10Probability) }
    }

    /// The same without unknown words, whose probability is only a convention.
    package var log10ProbabilityOfKnown: Double {
        words.reduce(0) { $0 + ($1.isUnknown ? 0 : Double($1.log10Probability)) }
    }

    package var unknownCount: Int { words.count { $0.isUnknown } }
}
