import CalibratedRecords
import Foundation
import RowFeatures
import TemporaryFolders
import Testing

@Suite("Audio features of an earlier output")
struct StoredAudioFeaturesTests {
    /// A line of a row, which tells the row by its level and is now and then long.
    private static func line(_ row: Int) -> String {
        let audio =
            #""silence_share":0.100000,"clipped_share":0.000000,"level_dbfs":-\#(row).50,"bandwidth_hz":7000"#
        guard row % 97 == 5 else {
            return row % 11 == 3
                ? #"{"row":\#(row),"status":"rejected"}"#
                : #"{"row":\#(row),"status":"transcribed","mean_posterior":0.900000,\#(audio)}"#
        }
        let channels = [String](repeating: "{\(audio)}", count: 60).joined(separator: ",")
        return #"{"row":\#(row),"status":"transcribed","channels":[\#(channels)]}"#
    }

    private func withFile(_ text: String, _ body: (StoredAudioFeatures) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try body(StoredAudioFeatures(path: folder.write("out.jsonl.features.jsonl", text)))
    }

    private static func whole(_ rows: Int) -> String {
        (0..<rows).map { line($0) + "\n" }.joined()
    }

    @Test(
        "every row is found, wherever it stands and however long its line is",
        arguments: [1, 2, 400])
    func finds(rows: Int) throws {
        try withFile(Self.whole(rows)) { file in
            for row in 0..<rows {
                let lanes = try file.lanes(of: row, count: row % 97 == 5 ? 60 : 1)
                let level = try #require(lanes.last?.fields.first { $0.name == "level_dbfs" })
                #expect(level.text == (row % 11 == 3 && row % 97 != 5 ? "null" : "-\(row).50"))
                #expect(lanes.allSatisfy { $0.fields.map(\.name) == LaneAudio.names })
            }
            for row in [rows, rows + 1_000] {
                #expect(throws: StoredAudioFeatures.Fault.self) {
                    try file.lanes(of: row, count: 1)
                }
            }
        }
    }

    @Test("a line is given another number and keeps all else")
    func renumbers() throws {
        try withFile(Self.whole(20)) { file in
            let line = try file.line(of: 17, as: 3)
            #expect(
                String(decoding: line, as: UTF8.self)
                    == Self.line(17).replacingOccurrences(of: #""row":17"#, with: #""row":3"#))
        }
    }

    @Test("what is no file of features is said to be none, with its name")
    func refusals() throws {
        let faults = [
            ("", "row 4: it has no line of that row"),
            ("no JSON at all\n", "row 4: at byte 0 is no line of features"),
            (#"{"row":4,"level_dbfs":-3.0"# + "}", "at byte 0 is no whole line"),
            (#"{"row":4,"level_dbfs":"loud"}"# + "\n", "its level_dbfs is no number"),
            (#"{"row":4,"channels":[{},{}]}"# + "\n", "features of 2 channels, and the row has 1"),
            (String(repeating: "x", count: 3 << 20), "is no whole line"),
        ]
        for (text, sentence) in faults {
            try withFile(text) { file in
                let fault = #expect(throws: StoredAudioFeatures.Fault.self) {
                    try file.lanes(of: 4, count: 1)
                }
                #expect(
                    fault?.description.contains(sentence) as Bool? == true,
                    "\(String(describing: fault))")
                #expect(fault?.description.contains("out.jsonl.features.jsonl") as Bool? == true)
            }
        }
        #expect(throws: StoredAudioFeatures.Fault.self) {
            try StoredAudioFeatures(path: "/nowhere/out.jsonl.features.jsonl")
        }
    }
}
