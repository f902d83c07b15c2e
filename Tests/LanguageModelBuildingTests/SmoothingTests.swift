import LanguageModelBuilding
import TemporaryFolders
import Testing

@Suite("The steps of modified Kneser-Ney smoothing") struct SmoothingTests {
    // Words: 3 = a, 4 = b, newest first.
    @Test("shorter n-grams count what comes before them, and how often they begin a sentence")
    func adjustment() {
        // a b a b | b b
        let records = [
            NGramRecord([2, 4], value: 2), NGramRecord([3, 1], value: 1),
            NGramRecord([3, 4], value: 1), NGramRecord([4, 1], value: 1),
            NGramRecord([4, 3], value: 2), NGramRecord([4, 4], value: 1),
        ]
        var adjustment = CountAdjustment(order: 2, thresholds: [0, 1])
        var emitted: [Int: [[UInt64]]] = [:]
        let emit = { (length: Int, record: NGramRecord) in
            let count = NGramCount(bits: record.value)
            let words = (0..<length).map { UInt64(record[$0]) }
            emitted[length, default: []].append(words + [count.count, count.isCut ? 1 : 0])
        }
        adjustment.begin(emit)
        for record in records { adjustment.add(record, emit) }
        adjustment.finish(emit)
        #expect(
            emitted[1] == [[0, 0, 0], [1, 0, 0], [2, 1, 0], [3, 2, 0], [4, 3, 0]],
            "words count the different words before them, <s> among them")
        #expect(
            emitted[2] == [
                [2, 4, 2, 0], [3, 1, 1, 1], [3, 4, 1, 1], [4, 1, 1, 1], [4, 3, 2, 0], [4, 4, 1, 1],
            ])
        #expect(adjustment.statistics.map(\.total) == [5, 6])
        #expect(adjustment.statistics.map(\.kept) == [5, 2])
        // The last word was seen four times, and counts so.
        #expect(adjustment.statistics[0].numbers == [2, 1, 1, 0, 1])
        #expect(adjustment.statistics[1].numbers == [0, 4, 2, 0, 0])
    }

    @Test("n-grams that begin a sentence are shorter, and keep their counts")
    func beginnings() {
        // <s> <s> a, <s> a a
        let records = [NGramRecord([3, 1, 1], value: 7), NGramRecord([3, 3, 1], value: 2)]
        var adjustment = CountAdjustment(order: 3, thresholds: [0, 0, 0])
        var emitted: [String] = []
        let emit = { (length: Int, record: NGramRecord) in
            emitted.append("\((0..<length).map { record[$0] }) \(record.value)")
        }
        for record in records { adjustment.add(record, emit) }
        adjustment.finish(emit)
        #expect(emitted == ["[3, 1] 7", "[3, 3, 1] 2", "[3, 3] 1", "[3] 2"])
    }

    @Test("discounts are those of Chen and Goodman's equation 26")
    func discounts() throws {
        var counts = CountsOfCounts()
        for (count, number) in [(1, 100), (2, 40), (3, 20), (4, 12), (9, 5)] as [(UInt64, Int)] {
            for _ in 0..<number { counts.add(count, isCut: false) }
        }
        let share = 100.0 / (100 + 2 * 40)
        let discounts = try counts.discounts()
        #expect(abs(Double(discounts.one) - (1 - 2 * share * 40 / 100)) < 1e-6)
        #expect(abs(Double(discounts.two) - (2 - 3 * share * 20 / 40)) < 1e-6)
        #expect(abs(Double(discounts.more) - (3 - 4 * share * 12 / 20)) < 1e-6)
        #expect(discounts.applied(to: 9) == 9 - discounts.more)
    }

    @Test("counts that give no discounts are errors that say which")
    func degenerate() {
        var counts = CountsOfCounts()
        for count in [1, 2, 2, 2, 2, 4] as [UInt64] { counts.add(count, isCut: false) }
        #expect(throws: CountsOfCounts.Degenerate.missing(3)) { try counts.discounts() }
        for _ in 0..<100 { counts.add(3, isCut: false) }
        let error = #expect(throws: CountsOfCounts.Degenerate.self) { try counts.discounts() }
        guard case .outOfRange(count: 2, let discount) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(discount < 0)
    }

    @Test("what a context takes off its words is what shorter contexts have, cut words among it")
    func contexts() {
        var smoothing = ContextSmoothing(Discounts(one: 0.5, two: 1, more: 1.5))
        let counts = [NGramCount(1), NGramCount(2), NGramCount(6), NGramCount(1, isCut: true)]
        for count in counts { smoothing.add(count) }
        let own = counts.filter { !$0.isCut }.reduce(0) { $0 + smoothing.probability($1) }
        #expect(abs(own + smoothing.backoff - 1) < 1e-6)
        #expect(abs(smoothing.backoff - 0.4) < 1e-6)
        #expect(smoothing.hasWords)
    }

    @Test("a text that gives no discounts is refused, with the option that helps")
    func refusals() throws {
        let folder = try TemporaryFolder()
        let settings = ModelBuildSettings(order: 2, memoryBytes: 1 << 16, folder: folder.path)
        var builder = ModelBuilder(settings)
        try builder.add("a b c d e f")
        let error = #expect(throws: ModelBuildError.self) { try builder.estimate() }
        #expect(error?.description.contains("--discount-fallback") == true)
        #expect(throws: ModelBuildError.self) { try ModelBuilder(settings).estimate() }
    }

    @Test("words that stand for something else are refused, or passed over")
    func symbols() throws {
        let folder = try TemporaryFolder()
        var settings = ModelBuildSettings(order: 2, memoryBytes: 1 << 16, folder: folder.path)
        settings.fallback = .fallback
        var strict = ModelBuilder(settings)
        let error = #expect(throws: ModelBuildError.self) { try strict.add("a <unk> b") }
        #expect(error?.description.contains("--skip-symbols") == true)
        settings.skipsSymbols = true
        var lenient = ModelBuilder(settings)
        try lenient.add("<s> a <unk> b </s>\na\0b\r")
        var plain = ModelBuilder(settings)
        try plain.add("a b\na b")
        for (name, builder) in [("lenient", lenient), ("plain", plain)] {
            try ARPAWriter.write(builder.estimate(), to: folder.file(name))
        }
        #expect(try folder.data("lenient") == folder.data("plain"))
    }

    @Test("a model of single words has no weights")
    func singleWords() throws {
        let folder = try TemporaryFolder()
        let model = try ModelBuilder.estimate("a a b\nc a b", order: 1, in: folder.path)
        try ARPAWriter.write(model, to: folder.file("out.arpa"))
        let text = String(decoding: try folder.data("out.arpa"), as: UTF8.self)
        #expect(text.hasPrefix("\\data\\\nngram 1=6\n\n\\1-grams:\n-"))
        #expect(!text.contains("a\t"))
    }
}

@Suite("N-grams as they are sorted") struct NGramRecordTests {
    @Test("records have the order, the parts and the turns of their words", arguments: 0..<200)
    func words(seed: Int) {
        var chance = SeededNumbers(state: UInt64(seed))
        func words(_ count: Int) -> [UInt32] {
            // Few different ones, the largest among them.
            (0..<count).map { _ in [0, 1, 7, .max].randomElement(using: &chance) ?? 0 }
        }
        let count = Int.random(in: 1...NGramRecord.wordsMax, using: &chance)
        let (one, other) = (words(count), words(count))
        let (left, right) = (NGramRecord(one, value: 5), NGramRecord(other))
        #expect((0..<count).map { left[$0] } == one)
        #expect(left.precedes(right) == one.lexicographicallyPrecedes(other))
        #expect(left.hasWords(of: right) == (one == other))
        let shared = zip(one, other).prefix { $0 == $1 }.count
        #expect(min(count, left.sharedCount(with: right)) == shared)
        for kept in 0...count {
            #expect(left.prefix(kept) == NGramRecord(Array(one.prefix(kept)), value: 5))
        }
        #expect(left.pushing(9, count: count) == NGramRecord([9] + one.dropLast(), value: 5))
        let moved = left.movingFirstToEnd(count)
        #expect(moved == NGramRecord(Array(one.dropFirst()) + one.prefix(1), value: 5))
        #expect(moved.movingLastToFirst(count) == left)
    }

    @Test("numbers are written as lmplz writes them")
    func decimals() {
        func text(_ value: Float) -> String {
            var text: [UInt8] = []
            DecimalText.append(value, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
        let expected: [(Float, String)] = [
            (0, "0"), (-1, "-1"), (-99, "-99"), (-3.5581055, "-3.5581055"),
            (-0.06379075, "-0.06379075"), (-1e-5, "-0.00001"), (-1.25e-6, "-0.00000125"),
            (-1.25e-7, "-1.25e-7"), (-4e-10, "-4e-10"), (-123_456_784, "-123456780"),
            (20_000_000, "20000000"),
        ]
        for (value, written) in expected { #expect(text(value) == written) }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
