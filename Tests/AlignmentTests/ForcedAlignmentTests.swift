import Alignment
import CTCDecoding
import StrictJSON
import Testing

/// Paths of `forced_align` of torchaudio, and what it leaves open.
struct ForcedAlignmentTests {
    @Test func everyFrameOfTheReferencesPathsIsTheSameWhereTheyAreClear() throws {
        let rows = try AlignmentFixtures.rows("forced_align.json")
        #expect(rows.count == 34)
        var compared = 0
        for row in rows {
            let name = try #require(row["posteriors"]?.string)
            let emissions = Emissions(of: try AlignmentFixtures.posteriors(name))
            let targets = try #require(row["targets"]?.array).compactMap {
                $0.double.map { Int($0) }
            }
            guard let path = row["path"]?.array else {
                if targets.isEmpty {
                    let empty = try ForcedAlignment.align([], blank: 0, in: emissions)
                    #expect(empty.path.allSatisfy { $0 == -1 })
                } else {
                    #expect(throws: AlignmentError.self) {
                        try ForcedAlignment.align(targets, blank: 0, in: emissions)
                    }
                }
                continue
            }
            let found = try ForcedAlignment.align(targets, blank: 0, in: emissions)
            let expectedTotal = try #require(row["best_path_total_float64"]?.double)
            #expect(abs(found.total - expectedTotal) <= max(1e-3, 1e-5 * abs(expectedTotal)))
            let margin = row["margin"]?.double
            guard margin == nil || margin.map({ $0 > 0.01 }) == true else { continue }
            compared += 1
            let classes = found.path.map { $0 < 0 ? 0 : targets[Int($0)] }
            #expect(classes == path.compactMap { $0.double.map { Int($0) } }, "\(name)")
            let spans = try #require(row["spans"]?.array).compactMap(\.array)
            #expect(spans.count == found.spans.count)
            for (span, expected) in zip(found.spans, spans) {
                #expect(span.frames.lowerBound == expected[1].double.map { Int($0) })
                #expect(span.frames.upperBound == expected[2].double.map { Int($0) })
            }
        }
        #expect(compared >= 24)
    }

    @Test func checkpointsGiveThePathThatTheWholeTrellisGives() throws {
        let emissions = Emissions(of: try AlignmentFixtures.posteriors("digits/ex39.npy"))
        let row = try #require(
            try AlignmentFixtures.rows("forced_align.json").first {
                $0["posteriors"]?.string == "digits/ex39.npy"
            })
        let targets = try #require(row["targets"]?.array).compactMap { $0.double.map { Int($0) } }
        let whole = try ForcedAlignment.align(targets, blank: 0, in: emissions)
        for cells in [1, 5_000, 100_000] {
            let parts = try ForcedAlignment.align(
                targets, blank: 0, in: emissions, cellsOfBlock: cells)
            #expect(parts == whole)
        }
    }

    @Test func aTextThatNeedsMoreFramesThanThereAreIsRefused() throws {
        let emissions = Emissions(
            of: try AlignmentFixtures.posteriors("edges/repeat_without_blank.npy"))
        #expect(throws: AlignmentError.textTooLong(frames: 3, needed: 4)) {
            try ForcedAlignment.align([7, 15, 15], blank: 0, in: emissions)
        }
        #expect(throws: AlignmentError.notALetter(class: 0)) {
            try ForcedAlignment.align([7, 0], blank: 0, in: emissions)
        }
    }
}
