package import ErrorRates

/// Another output of the same speech, and whether the difference may be chance.
package struct SystemComparison: Sendable {
    package let path: String
    package internal(set) var whole = ErrorRateReport.Totals()
    package internal(set) var test = MatchedPairsTest()

    /// Below this, a difference so large is taken for more than chance.
    package static let significance = 0.05

    init(path: String) { self.path = path }

    mutating func add(_ first: TextComparison.Score, _ second: TextComparison.Score) {
        var one = ErrorRateReport.Totals()
        one.words = second.words
        one.characters = second.characters
        one.utterances = 1
        one.utterancesWithErrors = second.words.errors > 0 ? 1 : 0
        whole = whole + one
        test.add(first.pairs, second.pairs)
    }
}
