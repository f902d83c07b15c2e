import Alignment
import CTCDecoding
import StrictJSON
import Testing

/// Cuts of joined recordings, beside those of ctc-segmentation.
struct UnitCutsTests {
    /// The cuts that the reference is sure of, and what was found for them.
    private func compared(
        _ cuts: (_ lines: [[Int]], _ emissions: Emissions, _ row: JSONObject) throws -> [UnitCuts
            .Cut]
    ) throws -> [(name: String, index: Int, cut: UnitCuts.Cut, expected: [Double])] {
        let rows = try AlignmentFixtures.rows("ctc_segmentation.json")
        #expect(rows.count == 13)
        return try rows.flatMap { row in
            let name = try #require(row["name"]?.string)
            let emissions = Emissions(
                of: try AlignmentFixtures.joined(
                    try #require(row["joined"]?.array).compactMap(\.string)))
            let texts = try #require(row["texts"]?.array).compactMap(\.string)
            let lines = texts.map { text in
                text.map {
                    AlignmentFixtures.labels.firstIndex(of: $0 == " " ? "|" : String($0)) ?? 0
                }
            }
            guard let segments = row["segments"]?.array?.compactMap(\.array) else {
                #expect(throws: AlignmentError.self) { try cuts(lines, emissions, row) }
                return [(name: String, index: Int, cut: UnitCuts.Cut, expected: [Double])]()
            }
            // The window of small_window is shorter than its audio, and one of its answers, whose
            // confidence is just above -2, is 8 s away from the one that it gives otherwise.
            return zip(try cuts(lines, emissions, row), segments).enumerated()
                .map { (name, $0.offset, $0.element.0, $0.element.1.compactMap(\.double)) }
                .filter { $0.3[2] > -2 && !($0.0 == "small_window" && $0.1 == 21) }
        }
    }

    private func isNear(_ cut: UnitCuts.Cut, _ expected: [Double]) -> Bool {
        abs(cut.start * 0.02 - expected[0]) <= 0.1 && abs(cut.end * 0.02 - expected[1]) <= 0.1
    }

    @Test func linesAreWhereTheReferenceHasThemWhereItIsSure() throws {
        let found = try compared { lines, emissions, row in
            let parameters = row["parameters"]?.object
            let trellis = LineTrellis(
                lines, blank: 0, in: emissions,
                hasFreeStart: parameters?["preamble_transition_cost_zero"] == nil,
                hasFreeEnd: parameters?["backtrack_from_max_t"] == nil)
            return UnitCuts.cuts(of: try trellis.bestPath())
        }
        #expect(found.count > 80)
        for (name, index, cut, expected) in found {
            #expect(isNear(cut, expected), "\(name) \(index): \(cut) and \(expected)")
        }
    }

    @Test func cutsOfAnExactAlignmentAreThereTooButForSomeThatSoundOn() throws {
        let found = try compared { lines, emissions, row in
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
            return UnitCuts.cuts(units, scores: alignment.scores, blank: 0, in: emissions)
        }
        // Where a last letter sounds on in audio that no text is for, the reference stays in it.
        let off = found.count { !isNear($0.cut, $0.expected) }
        #expect(off * 8 <= found.count)
    }
}
