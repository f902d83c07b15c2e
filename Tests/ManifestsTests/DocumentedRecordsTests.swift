import Foundation
import Manifests
import SpeechTypes
import StrictJSON
import Testing

@Suite("The page and the schema about manifests") struct DocumentedRecordsTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "manifests")

    private func page() throws -> String {
        try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
    }

    @Test("every example record is the one that is written for its row")
    func examples() throws {
        let blocks = try page().components(separatedBy: "```\n").enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }
            .map { $0.element.split(separator: "\n").map { Array($0.utf8) } }
        #expect(blocks.count == 8)
        for lines in blocks {
            try #require(lines.count == 2)
            let record = try #require(try JSONParser.parse(lines[1]).object)
            let expected: [UInt8]
            if let code = record["error"]?.object?["code"]?.string.flatMap(FailureCode.init) {
                expected = RecordWriter.failed(
                    raw: lines[0], lineNumber: record["line"]?.int ?? 1, code: code)
            } else {
                let channels = record["channels"]?.array?.compactMap {
                    $0.object?["pred_text"]?.string
                }
                let text = try #require(record["pred_text"]?.string)
                let warning = record["audio_warning"]?.object?["code"]?.string
                    .flatMap(AudioWarning.Code.init)
                    .map { AudioWarning($0, statedSeconds: 1.5, decodedSeconds: 3.275) }
                var content = RecordContent(
                    lanes: (channels ?? [text]).map { LaneContent(text: $0) },
                    shape: RecordShape(isEachChannel: channels != nil), decodedSeconds: 3.275,
                    audioWarning: warning)
                if record["word_timestamps"] != nil {
                    var words = TimedItems(.word)
                    words.append(
                        "SO", frames: 12..<30, milliseconds: 240..<600, confidence: 9_312)
                    words.append(
                        "LONG", frames: 36..<52, milliseconds: 720..<1_040, confidence: 8_731)
                    words.end()
                    content.shape.timestamps = .word
                    content.lanes[0].confidence = 8_731
                    content.lanes[0].words = words
                }
                expected = RecordWriter.transcribed(
                    try ManifestRow.parse(raw: lines[0]), content)
            }
            #expect(
                String(decoding: lines[1], as: UTF8.self)
                    == String(decoding: expected, as: UTF8.self))
        }
    }

    @Test("the page has a line for every field of a record, in the order of the table")
    func fieldsOfThePage() throws {
        let lines = try page().split(separator: "\n")
        let head = "| field | since engine | in each channel | when | meaning |"
        let start = try #require(lines.firstIndex { $0 == head })
        let rows = lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let fields = TranscriptFields.current.fields
        #expect(rows.map { $0[0] } == fields.map { "`\($0.name)`" })
        #expect(rows.map { $0[1] } == fields.map { "\($0.sinceEngine)" })
        #expect(rows.map { $0[2] } == fields.map { $0.isPerChannel ? "yes" : "no" })
    }

    @Test("the schema has a property for every field of a record, of the field's type")
    func fieldsOfTheSchema() throws {
        let schema = try JSONParser.parse(
            Array(
                try Data(
                    contentsOf: Self.folder.appending(path: "schema/transcript-record.schema.json"))
            )
        ).object
        let properties = try #require(schema?["properties"]?.object)
        for field in TranscriptFields.current.fields {
            let property = try #require(properties[field.name]?.object, "\(field.name)")
            // A row may have any value where its own member stays, or in jobs of another kind.
            if case .always = field.place {
                let type = property["type"]?.string ?? (property["enum"] == nil ? nil : "string")
                #expect(type == field.kind.rawValue, "\(field.name)")
            }
            #expect(
                property["x-since-engine"]?.int == field.sinceEngine, "\(field.name)")
        }
        let ofRows = ["audio_filepath", "audio_filepath_bytes", "offset", "text"]
        #expect(
            Set(properties.members.map(\.key))
                == Set(TranscriptFields.current.fields.map(\.name)).union(ofRows))
    }

    @Test("the page and the schema list every code, and no other")
    func codes() throws {
        let page = try page()
        for code in FailureCode.allCases {
            #expect(page.contains("| `\(code.rawValue)` | \(code.message)"), "\(code)")
        }
        for code in AudioWarning.Code.allCases {
            #expect(page.contains("| `\(code.rawValue)` | \(code.meaning) |"), "\(code)")
        }
        let schema = try JSONParser.parse(
            Array(
                try Data(
                    contentsOf: Self.folder.appending(path: "schema/transcript-record.schema.json"))
            ))
        let listed = schema.object?["properties"]?.object?["error"]?.object?["properties"]?.object?[
            "code"]?.object?["enum"]?.array?.compactMap(\.string)
        #expect(listed == FailureCode.allCases.map(\.rawValue))
        let warnings = schema.object?["properties"]?.object?["audio_warning"]?.object?[
            "properties"]?
            .object?["code"]?.object?["enum"]?.array?.compactMap(\.string)
        #expect(warnings == AudioWarning.Code.allCases.map(\.rawValue))
    }
}
