import ErrorRates
import Testing
import TextNormalizers

@Suite("Other programs' figures")
struct OtherScorersTests {
    /// As jiwer and sclite list them: right, substituted, deleted, inserted.
    private func figures(_ counts: EditCounts) -> [Int] {
        [counts.hits, counts.substitutions, counts.deletions, counts.insertions]
    }

    @Test("a thousand random pairs have jiwer's counts of words and of characters, by kind")
    func jiwer() throws {
        let comparison = TextComparison(normalizer: .none)
        var compared = 0
        for row in try ScoringFixtures.rows("pairs.jsonl") {
            guard let words = row.jiwer, let characters = row.jiwerCharacters else { continue }
            let hypothesis = try #require(row.hypothesis)
            let score = comparison.score(reference: row.text, hypothesis: hypothesis)
            #expect(figures(score.words) == words, "\(row.text) | \(hypothesis)")
            #expect(figures(score.characters) == characters, "\(row.text) | \(hypothesis)")
            compared += 1
        }
        #expect(compared > 950)
    }

    @Test("a thousand random pairs have sclite's counts", arguments: [true, false])
    func sclite(listsPairs: Bool) throws {
        let comparison = TextComparison(normalizer: .none, alignment: .sclite)
        let rows = try ScoringFixtures.rows("pairs.jsonl")
        #expect(rows.count == 1_000)
        for row in rows {
            let hypothesis = try #require(row.hypothesis)
            let score = comparison.score(
                reference: row.text, hypothesis: hypothesis, listsPairs: listsPairs)
            #expect(figures(score.words) == row.sclite, "\(row.text) | \(hypothesis)")
        }
    }

    @Test(
        "alternatives and words that may be left out count as in sclite; its own examples do too",
        arguments: ["alternatives.jsonl", "sclite_tests.jsonl"])
    func alternatives(name: String) throws {
        let rows = try ScoringFixtures.rows(name)
        #expect(rows.count >= 53)
        for row in rows {
            let pairs = try NetworkAlignment.pairs(
                reference: ReferenceText(parsing: row.text),
                hypothesis: ReferenceText(parsing: row.hypothesis ?? ""), by: .sclite)
            #expect(
                figures(pairs.counts) == row.sclite,
                "\(row.id ?? "") \(row.text) | \(row.hypothesis ?? "")")
        }
    }

    @Test("the matched-pairs test has the segments and the statistic of sc_stats")
    func matchedPairs() throws {
        let comparison = TextComparison(normalizer: .none, alignment: .sclite)
        var test = MatchedPairsTest()
        var swapped = MatchedPairsTest()
        for row in try ScoringFixtures.rows("two_systems.jsonl") {
            let pairs = [row.first, row.second].map {
                comparison.score(reference: row.text, hypothesis: $0 ?? "", listsPairs: true).pairs
            }
            test.add(pairs[0], pairs[1])
            swapped.add(pairs[1], pairs[0])
        }
        let theirs = try ScoringFixtures.matchedPairs()
        #expect(test.segments == theirs.segments)
        #expect(abs(test.mean - theirs.mean) <= 0.000_5)
        #expect(abs(test.standardDeviation - theirs.standardDeviation) <= 0.000_5)
        #expect(abs(test.z - theirs.z) <= 0.000_5)
        #expect(abs(test.p - 0.066_2) < 0.000_1)
        #expect(swapped.segments == test.segments && swapped.z == -test.z)
    }
}
