import Digests
import Foundation
import Manifests
import SpeechTypes
import TemporaryFolders
import Testing

@Suite("Manifests and their index") struct IndexedManifestTests {
    private func open(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> IndexedManifest {
        let path = try folder.write("m.jsonl", bytes)
        return try IndexedManifest(path: path, index: "\(folder.path)/index", folder: folder.path)
    }

    private func raws(_ manifest: IndexedManifest) throws -> [String] {
        try (0..<manifest.rowCount).map {
            String(decoding: try manifest.raw(of: $0), as: UTF8.self)
        }
    }

    @Test("byte order mark, CRLF, blank lines and a missing last line end are fine")
    func lineForms() throws {
        let folder = try TemporaryFolder()
        let text = "\u{FEFF}{\"audio_filepath\":\"a\"}\r\n\r\n  \t\n{\"x\":1}\r\n\n{bad"
        let manifest = try open(Array(text.utf8), in: folder)
        #expect(try raws(manifest) == [#"{"audio_filepath":"a"}"#, #"{"x":1}"#, "{bad"])
        #expect((0..<3).map(manifest.index.lineNumber(of:)) == [1, 4, 6])
        #expect((0..<3).map(manifest.index.isUnusable) == [false, true, true])
        #expect(manifest.digest == SHA256Hasher.digest(of: Array(text.utf8)))
        #expect(
            try manifest.rowDigest(of: 1) == SHA256Hasher.digest(of: Array(#"{"x":1}"#.utf8)).short)
        let unusable = try manifest.unusableRows(from: 0, max: 2)
        #expect(unusable.rows.map(\.ordinal) == [1])
        #expect(unusable.rows.map(\.error.code) == [.manifestMissingField])
        #expect(unusable.next == 2)
        let rest = try manifest.unusableRows(from: 2, max: 100)
        #expect(rest.rows.map(\.error.code) == [.manifestInvalidJSON])
        #expect(rest.next == nil)
        #expect(
            String(
                decoding: try manifest.record(of: 2, failedWith: .manifestInvalidJSON),
                as: UTF8.self
            )
            .hasPrefix(#"{"line":6,"raw":"{bad","pred_text":"","#))
    }

    @Test(
        "a manifest without rows has an index without rows", arguments: ["", "\n \r\n", "\u{FEFF}"])
    func noRows(text: String) throws {
        let folder = try TemporaryFolder()
        let manifest = try open(Array(text.utf8), in: folder)
        #expect(manifest.rowCount == 0)
        #expect(try manifest.unusableRows(from: 0, max: 10).next == nil)
    }

    @Test("reading in order and reading at random give the same rows", arguments: UInt64(0)..<12)
    func randomAccess(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let limit = ManifestLimits.lineBytesMax
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...3, using: &chance) {
            let lengths = [
                0, 1, 30, 5_000, limit - 1, limit, limit + 1, limit + 2, limit + 3, limit + 9,
            ]
            let length = lengths.randomElement(using: &chance) ?? 0
            bytes += [UInt8](repeating: 0x78, count: length)
            bytes += Array(
                (["\n", "\r\n", "\r\r\n", "\n\n"].randomElement(using: &chance) ?? "").utf8)
        }
        let folder = try TemporaryFolder()
        let manifest = try open(bytes, in: folder)
        var inOrder: [[UInt8]] = []
        var numbers: [Int] = []
        try ManifestFile(path: "\(folder.path)/m.jsonl").forEachRow { line in
            inOrder.append(line.bytes)
            numbers.append(line.number)
        }
        let atRandom = try (0..<manifest.rowCount).map { try manifest.raw(of: $0) }
        #expect(atRandom == inOrder, "seed \(seed)")
        #expect(
            (0..<manifest.rowCount).map(manifest.index.lineNumber(of:)) == numbers, "seed \(seed)")
        #expect(atRandom.allSatisfy { $0.count <= limit + 1 })
    }

    @Test("work is ordered by length, longest first, ties by ordinal", arguments: UInt64(0)..<8)
    func order(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let longest = [0.01, 60, 4_000, 86_400][Int(seed % 4)]
        let rows = (0..<400).map { _ -> (line: String, milliseconds: Int) in
            if Int.random(in: 0..<20, using: &chance) == 0 { return ("{unusable", 0) }
            let milliseconds = Int(Double.random(in: 0...longest, using: &chance) * 1_000)
            return (
                "{\"audio_filepath\":\"a\",\"duration\":\(Double(milliseconds) / 1_000)}",
                milliseconds
            )
        }
        let folder = try TemporaryFolder()
        let text = rows.map(\.line).joined(separator: "\n")
        let manifest = try open(Array(text.utf8), in: folder)
        #expect((0..<400).map(manifest.index.milliseconds(of:)) == rows.map(\.milliseconds))
        let naive = (0..<400).sorted {
            (-rows[$0].milliseconds, $0) < (-rows[$1].milliseconds, $1)
        }
        #expect((0..<400).map(manifest.index.ordinal(atRank:)) == naive, "seed \(seed)")
        #expect(manifest.totalMilliseconds == rows.reduce(0) { $0 + $1.milliseconds })
    }

    @Test(
        "spans of a recording follow the longest of them, in the order of time",
        arguments: UInt64(0)..<6)
    func spanOrder(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let rows = (0..<300).map { _ in
            (
                file: "f\(Int.random(in: 0..<9, using: &chance))",
                offset: Int.random(in: 0..<4, using: &chance) == 0
                    ? 0 : Int.random(in: 1..<5_000, using: &chance),
                milliseconds: Int.random(in: 0..<(seed % 2 == 0 ? 4 : 400_000), using: &chance)
            )
        }
        let text = rows.map {
            "{\"audio_filepath\":\"\($0.file)\",\"offset\":\($0.offset),"
                + "\"duration\":\(Double($0.milliseconds) / 1_000)}"
        }.joined(separator: "\n")
        // Where each row's recording stands; a row from the start stands alone.
        let places = rows.indices.map { row -> (length: Int, first: Int) in
            let company = rows.indices.filter {
                $0 == row
                    || rows[row].offset > 0 && rows[$0].offset > 0
                        && rows[$0].file == rows[row].file
            }
            return (company.map { rows[$0].milliseconds }.max() ?? 0, company.min() ?? row)
        }
        let naive = rows.indices.sorted {
            (-places[$0].length, places[$0].first, rows[$0].offset, $0)
                < (-places[$1].length, places[$1].first, rows[$1].offset, $1)
        }
        let folder = try TemporaryFolder()
        let manifest = try open(Array(text.utf8), in: folder)
        #expect(rows.indices.map(manifest.index.ordinal(atRank:)) == naive, "seed \(seed)")
        #expect((0..<300).map(manifest.index.milliseconds(of:)) == rows.map(\.milliseconds))
        #expect(try manifest.raw(of: 299).count > 10)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!files.contains { $0.contains("spans") })
    }

    @Test("a row without a duration is planned by the size of its file")
    func estimate() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.wav", [UInt8](repeating: 0, count: 64_000))
        try folder.write("sub/a.mp3", [UInt8](repeating: 0, count: 64_000))
        let text =
            #"{"audio_filepath":"a.wav"}"# + "\n" + #"{"audio_filepath":"sub/a.mp3"}"# + "\n"
            + #"{"audio_filepath":"none.wav"}"#
        let manifest = try open(Array(text.utf8), in: folder)
        #expect((0..<3).map(manifest.index.milliseconds(of:)) == [2_000, 8_000, 10_000])
    }

    @Test("an index is used again for the same bytes, and built again for others or if damaged")
    func reuse() throws {
        let folder = try TemporaryFolder()
        let index = "\(folder.path)/index"
        let one = Array(#"{"audio_filepath":"a","duration":1}"#.utf8)
        _ = try open(one, in: folder)
        let first =
            try FileManager.default.attributesOfItem(atPath: index)[.systemFileNumber] as? Int
        _ = try open(one, in: folder)
        let second =
            try FileManager.default.attributesOfItem(atPath: index)[.systemFileNumber] as? Int
        #expect(first == second)
        let changed = try open(one + [0x0A] + one, in: folder)
        #expect(changed.rowCount == 2)
        var bytes = Array(try Data(contentsOf: URL(filePath: index)))
        for cut in 0..<bytes.count {
            let part = try folder.write("part", Array(bytes.prefix(cut)))
            #expect(throws: ManifestError.self) { try RowIndex(path: part) }
        }
        bytes[12] = 0xFF
        try folder.write("index", bytes)
        #expect(throws: ManifestError.self) { try RowIndex(path: index) }
        #expect(try open(one + [0x0A] + one, in: folder).rowCount == 2)
        #expect(try RowIndex(path: index).ordinal(atRank: 1) == 1)
    }

    @Test("any bytes are refused or read as an index, never trapped on")
    func damagedIndex() throws {
        let folder = try TemporaryFolder()
        let row = Array("{\"audio_filepath\":\"a\",\"duration\":1}\n\n".utf8)
        _ = try open(row + row + row, in: folder)
        let whole = Array(try Data(contentsOf: URL(filePath: "\(folder.path)/index")))
        var readCount = 0
        var refusedCount = 0
        for seed in UInt64(0)..<120 {
            var chance = SeededGenerator(seed: seed)
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &chance) {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(
                    in: 0...255, using: &chance)
            }
            let path = try folder.write("damaged", bytes)
            do throws(ManifestError) {
                let index = try RowIndex(path: path)
                readCount += 1
                for row in 0..<index.rowCount {
                    #expect(
                        (0..<index.manifestByteCount).contains(index.offset(of: row)),
                        "seed \(seed)")
                    #expect(
                        (0..<index.rowCount).contains(index.ordinal(atRank: row)), "seed \(seed)")
                    #expect(index.lineNumber(of: row) > 0, "seed \(seed)")
                }
            } catch {
                refusedCount += 1
                #expect(error.code == .invalid, "seed \(seed)")
            }
        }
        // Both happen, or one of them was not tested.
        #expect(readCount > 10 && refusedCount > 10, "\(readCount) read, \(refusedCount) refused")
    }

    @Test("a manifest that shrinks under the job is an error, not a crash")
    func shrinks() throws {
        let folder = try TemporaryFolder()
        let row = Array("{\"audio_filepath\":\"a\",\"duration\":1}\n".utf8)
        let manifest = try open(row + row, in: folder)
        #expect(truncate("\(folder.path)/m.jsonl", off_t(row.count)) == 0)
        #expect(try manifest.raw(of: 0) == row.dropLast())
        #expect(throws: ManifestError.self) { try manifest.raw(of: 1) }
    }

    @Test("a missing manifest is named")
    func missing() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: ManifestError.self) {
            try IndexedManifest(
                path: "\(folder.path)/none.jsonl", index: "\(folder.path)/index",
                folder: folder.path)
        }
        #expect(error?.code == .notFound)
        #expect(error?.description.contains("none.jsonl") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
