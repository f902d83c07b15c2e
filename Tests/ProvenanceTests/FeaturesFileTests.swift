internal import Digests
internal import Foundation
internal import Provenance
internal import SpeechTypes
internal import Testing

@Suite("The file of features")
struct FeaturesFileTests {
    private static func features(_ row: Int) -> [UInt8] { Array("{\"a\":0.\(row)}".utf8) }

    /// Rows 0 to 3, the second of which has no transcript.
    private static let lines = (0..<4).map { row in
        FeaturesFile.line(
            row: row, status: row == 1 ? .rejected : .transcribed,
            features: row == 1 ? nil : features(row))
    }

    private static var digests: RowDigests {
        var digests = RowDigests(
            records: [ShortDigest](repeating: .zero, count: 4),
            audio: [ShortDigest](repeating: .zero, count: 4))
        for row in [0, 2, 3] {
            digests.setFeatures(SHA256Hasher.digest(of: features(row)).short, of: row)
        }
        return digests
    }

    private func check(_ text: some Sequence<UInt8>) throws -> FeaturesCheck {
        let path = NSTemporaryDirectory() + "features-\(UUID().uuidString).jsonl"
        try Data(text).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let check = try FeaturesCheck(
            of: path, digests: Self.digests, differences: DifferenceList())
        #expect(
            try check.features(of: 0)
                == FeaturesFile.Entry(Array(text.prefix { $0 != 0x0A }))?
                .features)
        return check
    }

    private func sentences(_ lines: [[UInt8]]) throws -> [String] {
        try check(lines.joined()).differences.first.map { difference in
            let sentence = difference.sentence
            let path = sentence.firstRange(of: "/"), end = sentence.firstRange(of: ".jsonl: ")
            guard let path, let end else { return sentence }
            return String(sentence[..<path.lowerBound] + sentence[end.upperBound...])
        }
    }

    @Test("a line has the row, how it ended, and its features")
    func linesAreObjects() throws {
        #expect(
            String(decoding: Self.lines[0], as: UTF8.self)
                == "{\"row\":0,\"status\":\"transcribed\",\"a\":0.0}\n")
        #expect(
            String(decoding: Self.lines[1], as: UTF8.self)
                == "{\"row\":1,\"status\":\"rejected\"}\n")
        for (row, line) in Self.lines.enumerated() {
            let entry = try #require(FeaturesFile.Entry(Array(line.dropLast())))
            #expect(entry.row == row)
            #expect(entry.features == (row == 1 ? nil : Self.features(row)))
            #expect(
                FeaturesFile.line(row: row, status: entry.status, features: entry.features)
                    == line)
        }
    }

    @Test(
        "other lines are none of ours",
        arguments: [
            "", "{}", "{\"row\":-1,\"status\":\"transcribed\"}", "{\"row\":0}",
            "{\"row\":0,\"status\":\"done\"}", "{\"row\":0,\"status\":\"rejected\",\"a\":1}",
            "{\"row\":0,\"status\":\"transcribed\" \"a\":1}", "{\"row\":0,\"status\":\"transcribed",
            "{\"row\":99999999999999999999,\"status\":\"rejected\"}",
        ])
    func otherLinesAreRefused(line: String) {
        #expect(FeaturesFile.Entry(Array(line.utf8)) == nil)
    }

    @Test("damage is found, and named by its row")
    func damageIsNamed() throws {
        let lines = Self.lines
        #expect(try sentences(lines) == [])
        #expect(try sentences(Array(lines.prefix(3))) == ["row 3: no line"])
        #expect(try sentences(Array(lines.prefix(1))) == ["rows 1 to 3: no line"])
        #expect(
            try sentences([lines[0], lines[1], lines[3], lines[2]]) == [
                "row 2: the features of row 3 stand in its place",
                "row 3: the features of row 2 stand in its place",
            ])
        var changed = lines
        changed[2][changed[2].count - 3] ^= 1
        #expect(try sentences(changed) == ["row 2: its features are not what was recorded"])
        changed[2] = Array("{}\n".utf8)
        #expect(try sentences(changed) == ["row 2: this is no line of features"])
        #expect(try sentences(lines + [lines[3]]) == ["row 4: a line more than there are rows"])
        var none = lines
        none[1] = FeaturesFile.line(row: 1, status: .transcribed, features: Self.features(1))
        #expect(try sentences(none) == ["row 1: it has features, and none were recorded"])
        none[1] = lines[1]
        none[0] = FeaturesFile.line(row: 0, status: .transcribed, features: nil)
        #expect(try sentences(none) == ["row 0: its features are not what was recorded"])
        let cut = try check(lines.joined().dropLast())
        #expect(cut.differences.first.contains { $0.text.contains("has no line end") })
    }
}
