import ErrorRates
import Testing
import TextNormalizers

@Suite("Error rates")
struct ErrorRatesTests {
    private func counts(_ reference: String, _ hypothesis: String) -> [Int] {
        let edits = EditAlignment.counts(
            reference: Array(reference), hypothesis: Array(hypothesis))
        return [edits.substitutions, edits.insertions, edits.deletions]
    }

    @Test("each kind of edit is counted as itself")
    func kinds() {
        #expect(counts("abc", "abc") == [0, 0, 0])
        #expect(counts("abc", "axc") == [1, 0, 0])
        #expect(counts("abc", "abbc") == [0, 1, 0])
        #expect(counts("abc", "ac") == [0, 0, 1])
        #expect(counts("", "ab") == [0, 2, 0])
        #expect(counts("ab", "") == [0, 0, 2])
        #expect(counts("kitten", "sitting") == [2, 1, 0])
        // Two substitutions would be as few; this is what jiwer counts.
        #expect(counts("ab", "ba") == [0, 1, 1])
    }

    @Test(
        "the distance is that of the definition, and the kinds add up", arguments: UInt64(1)...200)
    func definition(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: UInt64) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % bound)
        }
        let reference = (0..<next(9)).map { _ in next(3) }
        let hypothesis = (0..<next(9)).map { _ in next(3) }
        func distance(_ left: ArraySlice<Int>, _ right: ArraySlice<Int>) -> Int {
            guard let first = left.first, let second = right.first else {
                return left.count + right.count
            }
            if first == second { return distance(left.dropFirst(), right.dropFirst()) }
            return 1
                + min(
                    distance(left.dropFirst(), right.dropFirst()),
                    distance(left.dropFirst(), right), distance(left, right.dropFirst()))
        }
        let edits = EditAlignment.counts(reference: reference, hypothesis: hypothesis)
        #expect(edits.errors == distance(reference[...], hypothesis[...]), "seed \(seed)")
        #expect(
            reference.count + edits.insertions - edits.deletions == hypothesis.count, "seed \(seed)"
        )
    }

    @Test("the basic normaliser compares words, not typography")
    func basic() {
        #expect(
            TextNormalizer.basic.words("“Don’t—stop,” he said; 'twas 3 o'clock.")
                == ["DON'T", "STOP", "HE", "SAID", "TWAS", "3", "O'CLOCK"])
        #expect(TextNormalizer.none.words(" Don't  stop, ") == ["Don't", "stop,"])
        #expect(TextNormalizer.basic.words("  ").isEmpty)
    }

    @Test("a vowel sign after a space or a dash stays in its word")
    func marks() {
        #expect(
            TextNormalizer.none.words("\u{915} \u{93F}\u{928}") == ["\u{915}", "\u{93F}\u{928}"])
        #expect(
            TextNormalizer.basic.words("\u{915}-\u{93F}\u{928}") == ["\u{915}", "\u{93F}\u{928}"])
        #expect(TextNormalizer.basic.words("A\u{301}'B") == ["A\u{301}'B"])
        #expect(TextNormalizer.basic.words("\u{645}\u{6CC}\u{200C}\u{631}").count == 1)
        for normalizer in [TextNormalizer.none, .basic] {
            let edits = TextComparison(normalizer: normalizer).score(
                reference: "\u{915} \u{93F}\u{928}", hypothesis: "\u{915} \u{928}")
            #expect(edits.words.substitutions == 1 && edits.words.referenceCount == 2)
            #expect(edits.characters.errors == 1)
        }
    }

    @Test("canonically equivalent words are different code points, and one spelling to a reader")
    func equivalents() {
        for (one, other) in [("caf\u{E9}", "cafe\u{301}"), ("\u{2126}", "\u{3A9}")] {
            let exact = TextComparison(normalizer: .none).score(reference: one, hypothesis: other)
            #expect(exact.words.errors == 1 && exact.characters.errors > 0)
            let read = TextComparison(normalizer: .basic).score(reference: one, hypothesis: other)
            #expect(read.words.errors == 0 && read.characters.errors == 0)
        }
        // Five code points, of which one is replaced and one deleted.
        let characters = TextComparison(normalizer: .none).score(
            reference: "cafe\u{301}", hypothesis: "caf\u{E9}"
        )
        .characters
        #expect(characters.errors == 2 && characters.referenceCount == 5)
    }

    @Test("groups whose names are canonically equivalent stay apart")
    func groupNames() {
        var report = ErrorRateReport(normalizer: .none)
        for group in ["\u{E9}", "e\u{301}"] {
            report.add(
                .init(
                    reference: "a", hypothesis: group == "\u{E9}" ? "a" : "b", isTranscribed: true,
                    group: group, audioSeconds: 1))
        }
        #expect(report.sortedGroups.count == 2)
    }

    @Test("totals are sums over utterances, whole and by group")
    func totals() {
        var report = ErrorRateReport(normalizer: .basic)
        func add(_ reference: String, _ hypothesis: String, _ group: String?, _ isDone: Bool = true)
        {
            report.add(
                .init(
                    reference: reference, hypothesis: hypothesis, isTranscribed: isDone,
                    group: group, audioSeconds: 36))
        }
        add("one two three", "ONE TWO THREE", "a")
        add("one two", "one four two", "b")
        add("nine", "", "b", false)
        #expect(report.whole.words.referenceCount == 6)
        #expect(report.whole.words.insertions == 1 && report.whole.words.deletions == 1)
        #expect(report.whole.words.rate == 2.0 / 6)
        #expect(report.whole.utterancesWithErrors == 2)
        #expect(report[group: "a"]?.words.errors == 0)
        #expect(report[group: "b"]?.words.rate == 2.0 / 3)
        #expect(report.text.contains("33.33%"))
        #expect(report.text.contains("1 rows have no transcript"))
    }
}
