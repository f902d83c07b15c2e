import ErrorRates
import Testing

@Suite("Intervals and frequencies")
struct BootstrapTests {
    private func counts(errors: Int, words: Int) -> EditCounts {
        var counts = EditCounts()
        counts.substitutions = errors
        counts.referenceCount = words
        return counts
    }

    /// Rows of ten words whose errors follow from their numbers.
    private func drawn(
        _ rows: some Sequence<Int>, seed: UInt64 = 1, blocks: Int? = nil
    ) -> ClosedRange<Double>? {
        var bootstrap = BootstrapInterval(replicates: 1_000, seed: seed)
        for row in rows {
            bootstrap.add(
                counts(errors: (row * 7_919) % 5, words: 10),
                block: Array("\(blocks.map { row % $0 } ?? row)".utf8))
        }
        return bootstrap.interval
    }

    @Test("the interval is near that of the normal distribution, and the same in any order")
    func normal() throws {
        let interval = try #require(drawn(0..<2_000))
        // Errors of 0 to 4 in ten words: a mean of 0.2 and a deviation of √2 / 10 a row.
        let half = 1.96 * 2.0.squareRoot() / 10 / 2_000.0.squareRoot()
        #expect(abs(interval.lowerBound - (0.2 - half)) < half * 0.15)
        #expect(abs(interval.upperBound - (0.2 + half)) < half * 0.15)
        #expect(drawn((0..<2_000).reversed()) == interval)
        #expect(drawn(0..<2_000, seed: 2) != interval)
    }

    @Test("rows of one speaker are drawn together, so few speakers make a wide interval")
    func blocks() throws {
        // Rows five apart have the same errors: a block of them errs as one row does.
        let rows = try #require(drawn(0..<2_000))
        let speakers = try #require(drawn(0..<2_000, blocks: 5))
        #expect(
            speakers.upperBound - speakers.lowerBound > 5 * (rows.upperBound - rows.lowerBound))
    }

    @Test("the difference of two systems that err alike has an interval around zero")
    func difference() throws {
        var bootstrap = BootstrapInterval(replicates: 500, seed: 3, comparesTwo: true)
        for row in 0..<500 {
            bootstrap.add(
                counts(errors: row % 4, words: 10), other: counts(errors: row % 4, words: 10),
                block: Array("\(row)".utf8))
        }
        #expect(bootstrap.intervalOfDifference == 0...0)
        #expect(try #require(bootstrap.interval).lowerBound > 0.1)
    }

    @Test("nothing to err on has no interval")
    func empty() {
        #expect(BootstrapInterval(replicates: 10, seed: 1).interval == nil)
    }

    @Test("counts are exact while all items fit, and low by no more than stated beyond")
    func frequentItems() {
        var items = FrequentItems<Int>(capacity: 100)
        for round in 0..<3_000 {
            items.add(1_000)
            items.add(round % 3 == 0 ? 2_000 : round % 800)
        }
        let top = items.top(2, orderedBy: <)
        #expect(top.map(\.item) == [1_000, 2_000])
        #expect(items.total == 6_000 && items.shortfallMax > 0)
        #expect(top[0].count <= 3_000 && top[0].count + items.shortfallMax >= 3_000)
        var few = FrequentItems<String>()
        for word in ["b", "a", "b", "a", "c"] { few.add(word) }
        #expect(few.top(2, orderedBy: <).map { "\($0.item)\($0.count)" } == ["a2", "b2"])
        #expect(few.shortfallMax == 0)
    }
}
