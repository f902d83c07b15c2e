/// Word and character error rates of many utterances, whole and by group.
package struct ErrorRateReport: Sendable {
    /// One utterance as it is compared.
    package struct Utterance: Sendable {
        package var reference: String
        /// Empty where there is no transcript: all its words are then deletions.
        package var hypothesis: String
        /// Whether there is a transcript at all.
        package var isTranscribed: Bool
        /// The group that it is also counted in; nil for none.
        package var group: String?
        package var audioSeconds: Double

        package init(
            reference: String, hypothesis: String, isTranscribed: Bool, group: String?,
            audioSeconds: Double
        ) {
            self.reference = reference
            self.hypothesis = hypothesis
            self.isTranscribed = isTranscribed
            self.group = group
            self.audioSeconds = audioSeconds
        }
    }

    /// The figures of the whole or of a group.
    package struct Totals: Hashable, Sendable {
        package var words = EditCounts()
        /// Characters of the normalised words and the single spaces between them.
        package var characters = EditCounts()
        package var utterances = 0
        package var utterancesWithErrors = 0
        package var utterancesWithoutTranscript = 0
        package var audioSeconds = 0.0

        package init() {}
    }

    package let normalizer: TextNormalizer
    package private(set) var whole = Totals()
    package private(set) var groups: [String: Totals] = [:]

    package init(normalizer: TextNormalizer) {
        self.normalizer = normalizer
    }

    /// Counts one utterance.
    package mutating func add(_ utterance: Utterance) {
        let reference = normalizer.words(utterance.reference)
        let hypothesis = normalizer.words(utterance.hypothesis)
        var one = Totals()
        one.words = EditAlignment.counts(reference: reference, hypothesis: hypothesis)
        one.characters = EditAlignment.counts(
            reference: Array(reference.joined(separator: " ")),
            hypothesis: Array(hypothesis.joined(separator: " ")))
        one.utterances = 1
        one.utterancesWithErrors = one.words.errors > 0 ? 1 : 0
        one.utterancesWithoutTranscript = utterance.isTranscribed ? 0 : 1
        one.audioSeconds = utterance.audioSeconds
        whole = whole + one
        if let group = utterance.group { groups[group] = (groups[group] ?? Totals()) + one }
    }

    /// Groups by name.
    package var sortedGroups: [(name: String, totals: Totals)] {
        groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension ErrorRateReport.Totals {
    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.words = left.words + right.words
        sum.characters = left.characters + right.characters
        sum.utterances += right.utterances
        sum.utterancesWithErrors += right.utterancesWithErrors
        sum.utterancesWithoutTranscript += right.utterancesWithoutTranscript
        sum.audioSeconds += right.audioSeconds
        return sum
    }
}
