package import TextNormalizers

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
        /// Characters of the normalised words and the single spaces between them; what counts as
        /// one, the normaliser says.
        package var characters = EditCounts()
        package var utterances = 0
        package var utterancesWithErrors = 0
        package var utterancesWithoutTranscript = 0
        package var audioSeconds = 0.0

        package init() {}
    }

    package let comparison: TextComparison
    package private(set) var whole = Totals()
    /// By the bytes of their names, which canonically equivalent names do not share.
    private var groups: [[UInt8]: Totals] = [:]

    package init(_ comparison: TextComparison) {
        self.comparison = comparison
    }

    package init(normalizer: TextNormalizer) {
        self.init(TextComparison(normalizer: normalizer))
    }

    /// Counts one utterance.
    package mutating func add(_ utterance: Utterance) {
        let score = comparison.score(
            reference: utterance.reference, hypothesis: utterance.hypothesis)
        add(
            score, isTranscribed: utterance.isTranscribed, group: utterance.group,
            audioSeconds: utterance.audioSeconds)
    }

    /// Counts one utterance that is scored already.
    package mutating func add(
        _ score: TextComparison.Score, isTranscribed: Bool, group: String?, audioSeconds: Double
    ) {
        var one = Totals()
        one.words = score.words
        one.characters = score.characters
        one.utterances = 1
        one.utterancesWithErrors = one.words.errors > 0 ? 1 : 0
        one.utterancesWithoutTranscript = isTranscribed ? 0 : 1
        one.audioSeconds = audioSeconds
        whole = whole + one
        if let group {
            let name = Array(group.utf8)
            groups[name] = (groups[name] ?? Totals()) + one
        }
    }

    /// Groups in the order of their names' code points.
    package var sortedGroups: [(name: String, totals: Totals)] {
        groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }

    /// The figures of one group.
    package subscript(group name: String) -> Totals? { groups[Array(name.utf8)] }
}

extension ErrorRateReport.Totals {
    package static func + (left: Self, right: Self) -> Self {
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
