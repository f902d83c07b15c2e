import Alignment
import CTCDecoding
import StrictJSON
import Testing

/// Cuts of joined recordings, beside those of ctc-segmentation.
struct UnitCutsTests {
    @Test func cutsAreWhereTheReferenceHasThemWhereItIsSure() throws {
        let rows = try AlignmentFixtures.rows("ctc_segmentation.json")
        #expect(rows.count == 13)
        var (compared, off) = (0, 0)
        for row in rows {
            let name = try #require(row["name"]?.string)
            let posteriors = try AlignmentFixtures.joined(
                try #require(row["joined"]?.array).compactMap(\.string))
            let emissions = Emissions(of: posteriors)
            let texts = try #require(row["texts"]?.array).compactMap(\.string)
            let lines = texts.map { text in
                text.map {
                    AlignmentFixtures.labels.firstIndex(of: $0 == " " ? "|" : String($0)) ?? 0
                }
            }
            guard let segments = row["segments"]?.array?.compactMap(\.array) else {
                #expect(throws: AlignmentError.self) {
                    try ForcedAlignment.align(Array(lines.joined()), blank: 0, in: emissions)
                }
                continue
            }
            let parameters = row["parameters"]?.object
            var options = ForcedAlignment.Options()
            options.hasFreeStart = parameters?["preamble_transition_cost_zero"] == nil
            options.hasFreeEnd = parameters?["backtrack_from_max_t"] == nil
            let alignment = try ForcedAlignment.align(
                Array(lines.joined()), blank: 0, in: emissions, options: options)
            let spans = alignment.spans
            var first = 0
            let units = lines.map { line in
                defer { first += line.count }
                return UnitCuts.Unit(
                    first: spans[first].frames, last: spans[first + line.count - 1].frames,
                    lastColumn: line[line.count - 1])
            }
            let cuts = UnitCuts.cuts(units, scores: alignment.scores, blank: 0, in: emissions)
            for (index, (cut, segment)) in zip(cuts, segments).enumerated() {
                let numbers = segment.compactMap(\.double)
                guard numbers[2] > -2, name != "small_window" || index > 0 else { continue }
                compared += 1
                let isNear =
                    abs(cut.start * 0.02 - numbers[0]) <= 0.1
                    && abs(cut.end * 0.02 - numbers[1]) <= 0.1
                if !isNear { off += 1 }
            }
        }
        #expect(compared > 90)
        // Where a last letter sounds on in audio that no text is for, the reference stays in it.
        #expect(off * 10 <= compared)
    }
}
