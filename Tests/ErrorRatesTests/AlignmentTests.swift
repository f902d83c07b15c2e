import ErrorRates
import Testing
import TextNormalizers

@Suite("Alignments")
struct AlignmentTests {
    /// Numbers that follow from a seed.
    private struct Numbers {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    @Test(
        "a long text is aligned as the definition says, though only a band is searched",
        arguments: AlignmentMethod.allCases)
    func longTexts(method: AlignmentMethod) {
        var numbers = Numbers(state: 7)
        let reference = (0..<900).map { _ in numbers.next(40) }
        var hypothesis = reference
        // A hundred words are missing at one place and put in at another, beyond the first band.
        hypothesis.removeSubrange(100..<200)
        hypothesis.insert(contentsOf: (0..<100).map { _ in numbers.next(40) + 40 }, at: 500)
        for _ in 0..<60 { hypothesis[numbers.next(hypothesis.count)] = 99 }
        let operations = EditAlignment.operations(
            reference: reference, hypothesis: hypothesis, by: method)
        let counts = operations.reduce(into: EditCounts()) { $0.add($1) }
        #expect(
            counts
                == EditAlignment.counts(
                    reference: reference, hypothesis: hypothesis, by: method))
        let cost = method == .levenshtein ? (1, 1) : (4, 3)
        #expect(
            counts.substitutions * cost.0 + (counts.insertions + counts.deletions) * cost.1
                == cheapest(reference, hypothesis, cost))
        #expect(counts.referenceCount == 900)
        #expect(900 + counts.insertions - counts.deletions == hypothesis.count)
    }

    /// The whole table, by the definition.
    private func cheapest(_ reference: [Int], _ hypothesis: [Int], _ cost: (Int, Int)) -> Int {
        var above = (0...hypothesis.count).map { $0 * cost.1 }
        for symbol in reference {
            var row = [above[0] + cost.1]
            for (column, heard) in hypothesis.enumerated() {
                row.append(
                    min(
                        above[column] + (symbol == heard ? 0 : cost.0),
                        above[column + 1] + cost.1, row[column] + cost.1))
            }
            above = row
        }
        return above[hypothesis.count]
    }

    @Test("each word stands in its pair, in order")
    func pairs() {
        let score = TextComparison(normalizer: .none).score(
            reference: "a b c d", hypothesis: "a x c e d", listsPairs: true)
        #expect(score.pairs.map(\.operation.letter).joined() == "CSCIC")
        #expect(score.pairs.compactMap(\.reference) == ["a", "b", "c", "d"])
        #expect(score.pairs.compactMap(\.hypothesis) == ["a", "x", "c", "e", "d"])
    }

    @Test("braces that do not match are refused")
    func braces() {
        for text in ["{ a / b", "a } b", "{ { a } b"] {
            #expect(throws: ReferenceText.Fault.self) { try ReferenceText(parsing: text) }
        }
    }

    @Test("what may be said in several ways is normalised way by way")
    func normalizedAlternatives() throws {
        let comparison = TextComparison(normalizer: .english, alignment: .sclite)
        let score = try comparison.score(
            reference: ReferenceText(parsing: "it's { twenty one / twenty-two } (um) cats"),
            hypothesis: ["it", "is", "22", "cats"])
        #expect(score.words.errors == 0 && score.words.referenceCount == 4)
    }

    @Test("an error at the end of either system is in a segment")
    func trailingErrors() {
        let hit = AlignedPair(.hit, reference: "a", hypothesis: "a")
        let insertion = AlignedPair(.insertion, reference: nil, hypothesis: "b")
        let deletion = AlignedPair(.deletion, reference: "c", hypothesis: nil)
        #expect(
            MatchedPairsTest.segments([hit, hit], [hit, hit, insertion]).map {
                [$0.first, $0.second]
            }
                == [[0, 1]])
        // One word that both have right does not part segments; two do.
        let long = [deletion, hit, deletion, hit, hit, deletion]
        let all = Array(repeating: hit, count: 6)
        #expect(MatchedPairsTest.segments(long, all).map(\.first) == [2, 1])
        #expect(MatchedPairsTest.segments(all, all).isEmpty)
    }
}
