package import TextNormalizers

/// How a text is held against its reference: a figure means nothing without it.
package struct TextComparison: Hashable, Sendable {
    package var normalizer: TextNormalizer
    package var alignment: AlignmentMethod

    package init(normalizer: TextNormalizer, alignment: AlignmentMethod = .levenshtein) {
        self.normalizer = normalizer
        self.alignment = alignment
    }

    /// What one utterance scores.
    package struct Score: Hashable, Sendable {
        package var words = EditCounts()
        /// Of the normalised words and the single spaces between them.
        package var characters = EditCounts()
        /// Word by word, where it was asked for.
        package var pairs: [AlignedPair] = []

        package init() {}
    }

    /// - Parameter listsPairs: whether the words are wanted too, which takes some time.
    package func score(reference: String, hypothesis: String, listsPairs: Bool = false) -> Score {
        score(
            words: normalizer.words(reference), hypothesis: normalizer.words(hypothesis),
            listsPairs: listsPairs)
    }

    /// As ``score(reference:hypothesis:listsPairs:)``, with words that are normalised already.
    package func score(
        words reference: [String], hypothesis: [String], listsPairs: Bool
    ) -> Score {
        var score = Score()
        let (exact, exactHypothesis) = (
            reference.map(ExactText.init), hypothesis.map(ExactText.init)
        )
        if listsPairs {
            let operations =
                normalizer.comparesAsRead
                ? EditAlignment.operations(
                    reference: reference, hypothesis: hypothesis, by: alignment)
                : EditAlignment.operations(
                    reference: exact, hypothesis: exactHypothesis, by: alignment)
            score.pairs = AlignedPair.pairs(operations, reference, hypothesis)
            score.words = score.pairs.counts
        } else {
            score.words =
                normalizer.comparesAsRead
                ? EditAlignment.counts(reference: reference, hypothesis: hypothesis, by: alignment)
                : EditAlignment.counts(
                    reference: exact, hypothesis: exactHypothesis, by: alignment)
        }
        score.characters = characterEdits(reference, hypothesis)
        return score
    }

    /// Scores words against a text that may be said in several ways; characters are held against the
    /// way that was taken.
    ///
    /// - Throws: ``NetworkAlignment/TooLong``.
    package func score(
        reference: ReferenceText, hypothesis: [String]
    ) throws(NetworkAlignment.TooLong) -> Score {
        let reference = reference.normalized(normalizer.words)
        let hypothesis = normalizer.words(hypothesis.joined(separator: " "))
        if reference.isPlain {
            return score(words: reference.plainWords, hypothesis: hypothesis, listsPairs: true)
        }
        var score = Score()
        score.pairs = try NetworkAlignment.pairs(
            reference: reference,
            hypothesis: ReferenceText(
                items: hypothesis.map { .word($0, isOptional: false) }), by: alignment)
        score.words = score.pairs.counts
        // A word that may be left out and is stands in no text.
        let spoken = score.pairs.filter { $0.operation != .hit || $0.hypothesis != nil }
        score.characters = characterEdits(
            spoken.compactMap(\.reference), spoken.compactMap(\.hypothesis))
        return score
    }

    private func characterEdits(_ reference: [String], _ hypothesis: [String]) -> EditCounts {
        if normalizer.comparesAsRead {
            // Each word alone: a mark at its beginning must not join the space before it.
            return EditAlignment.counts(
                reference: Array(reference.map { Array($0) }.joined(separator: [" "])),
                hypothesis: Array(hypothesis.map { Array($0) }.joined(separator: [" "])),
                by: alignment)
        }
        return EditAlignment.counts(
            reference: Array(reference.joined(separator: " ").unicodeScalars),
            hypothesis: Array(hypothesis.joined(separator: " ").unicodeScalars), by: alignment)
    }
}

/// A text that is equal to another if its code points are.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
