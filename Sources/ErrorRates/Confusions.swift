/// Which words are taken for which, put in and left out most often.
package struct Confusions: Sendable {
    package struct Pair: Hashable, Sendable {
        package var reference: String
        package var hypothesis: String
    }

    private var pairs = FrequentItems<Pair>()
    private var insertions = FrequentItems<String>()
    private var deletions = FrequentItems<String>()

    package init() {}

    package mutating func add(_ aligned: [AlignedPair]) {
        for pair in aligned {
            switch (pair.operation, pair.reference, pair.hypothesis) {
            case (.substitution, let reference?, let hypothesis?):
                pairs.add(Pair(reference: reference, hypothesis: hypothesis))
            case (.insertion, _, let word?): insertions.add(word)
            case (.deletion, let word?, _): deletions.add(word)
            default: break
            }
        }
    }

    /// By how much a count may be low, where there were more different ones than are kept.
    package var shortfallMax: Int {
        max(pairs.shortfallMax, insertions.shortfallMax, deletions.shortfallMax)
    }

    package func topPairs(_ count: Int) -> [(item: Pair, count: Int)] {
        pairs.top(count) { ($0.reference, $0.hypothesis) < ($1.reference, $1.hypothesis) }
    }

    package func topInsertions(_ count: Int) -> [(item: String, count: Int)] {
        insertions.top(count, orderedBy: <)
    }

    package func topDeletions(_ count: Int) -> [(item: String, count: Int)] {
        deletions.top(count, orderedBy: <)
    }
}
