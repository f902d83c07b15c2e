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
        #expect(blocks.count == 6)
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
                expected = RecordWriter.transcribed(
                    try ManifestRow.parse(raw: lines[0]), texts: channels ?? [text],
                    isEachChannel: channels != nil, decodedSeconds: 3.275,
                    audioWarning: warning)
            }
            #expect(
                String(decoding: lines[1], as: UTF8.self)
                    == String(decoding: expected, as: UTF8.self))
        }
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
