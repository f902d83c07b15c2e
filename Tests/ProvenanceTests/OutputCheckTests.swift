import Digests
import Foundation
import Manifests
import Provenance
import SpeechTypes
import Testing

/// A manifest, its output, and the digests of what was recorded.
private final class Job {
    let folder: URL
    let records: [[UInt8]]
    let manifest: IndexedManifest
    let digests: RowDigests
    private let engine: Int

    /// - Parameter failing: rows that end with that code.
    /// - Parameter engine: the one whose records these are.
    /// - Parameter olderRows: how many rows, from the first on, are of engine 2, and marked so.
    /// - Parameter more: what each row has besides.
    init(
        rows: Int, failing: [Int: FailureCode] = [:], engine: Int = EngineNumber.current,
        olderRows: Int = 0, more: String = ""
    ) throws {
        self.engine = engine
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("scriptorium-provenance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let lines = (0..<rows).map {
            "{\"audio_filepath\":\"\($0).wav\",\"n\": \($0),\"duration\":1\(more)}"
        }
        let path = folder.appendingPathComponent("rows.jsonl").path
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        manifest = try IndexedManifest(
            path: path, index: folder.appendingPathComponent("index").path, folder: folder.path,
            looksUpSizes: false)
        records = try lines.enumerated().map { ordinal, line in
            let fields = TranscriptFields(engine: ordinal < olderRows ? 2 : engine)
            if let code = failing[ordinal] {
                return RecordWriter.failed(
                    raw: Array(line.utf8), lineNumber: ordinal + 1, code: code, fields: fields)
            }
            let row = try ManifestRow.parse(raw: Array(line.utf8))
            return RecordWriter.transcribed(
                row,
                RecordContent(
                    lanes: [LaneContent(text: "WORD \(ordinal)")],
                    decodedSeconds: 1),
                fields: fields)
        }
        var digests = RowDigests(
            records: records.map { SHA256Hasher.digest(of: $0).short },
            audio: records.map { _ in .zero })
        for row in 0..<olderRows { digests.setEngine(2, of: row) }
        self.digests = digests
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What is found in an output of these lines.
    func check(_ lines: [[UInt8]], end: String = "\n") throws -> OutputCheck {
        let path = folder.appendingPathComponent("out.jsonl").path
        var bytes = Array(lines.joined(separator: [0x0A]))
        if !lines.isEmpty { bytes += Array(end.utf8) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try OutputCheck(
            of: path, manifest: manifest, digests: digests, engine: engine, shape: RecordShape(),
            differences: DifferenceList())
    }

    func found(_ lines: [[UInt8]], end: String = "\n") throws -> [String] {
        try check(lines, end: end).differences.first.map { "\($0.kind.rawValue): \($0.sentence)" }
    }
}

@Suite("An output held against its input and what was recorded")
struct OutputCheckTests {
    @Test("what was recorded passes, failures included")
    func untouched() throws {
        let job = try Job(rows: 20, failing: [3: .audioDamaged, 4: .quarantinedCrash])
        let check = try job.check(job.records)
        #expect(check.differences.count == 0)
        #expect(check.counts == [.transcribed: 18, .rejected: 1, .quarantined: 1])
        // A quarantined row was given up for the world's sake: asking again may give anything.
        #expect(check.repeatable == Array(0..<20).filter { $0 != 4 })
        #expect(try Job(rows: 0).check([]).differences.count == 0)
    }

    @Test("a dropped row is named, at either end and in between", arguments: [0, 7, 19])
    func dropped(row: Int) throws {
        let job = try Job(rows: 20)
        var lines = job.records
        lines.remove(at: row)
        #expect(try job.found(lines) == ["missing: row \(row): no record"])
        let check = try job.check(lines)
        #expect(check.counts == [.transcribed: 19])
        #expect(check.repeatable == (0..<20).filter { $0 != row })
    }

    @Test("several rows that are gone are one sentence")
    func droppedRange() throws {
        let job = try Job(rows: 20)
        #expect(
            try job.found(Array(job.records[..<5] + job.records[11...]))
                == ["missing: rows 5 to 10: no record"])
        #expect(try job.found([]) == ["missing: rows 0 to 19: no record"])
    }

    @Test("a record that stands twice is named, near and far")
    func doubled() throws {
        let job = try Job(rows: 20)
        var near = job.records
        near.insert(near[7], at: 8)
        #expect(try job.found(near) == ["repeated: row 7: its record stands again in line 9"])
        #expect(
            try job.found(job.records + [job.records[2]])
                == ["repeated: row 2: its record stands again in line 21"])
    }

    @Test("swapped rows are both named, neighbours or not", arguments: [(4, 5), (2, 17), (0, 19)])
    func swapped(first: Int, second: Int) throws {
        let job = try Job(rows: 20)
        var lines = job.records
        lines.swapAt(first, second)
        #expect(
            try job.found(lines) == [
                "misplaced: row \(first): the record of row \(second) stands in its place",
                "misplaced: row \(second): the record of row \(first) stands in its place",
            ])
    }

    @Test("a record that moved is named once, and its neighbours are not")
    func moved() throws {
        let job = try Job(rows: 20)
        var lines = job.records
        lines.insert(lines.remove(at: 3), at: 12)
        #expect(
            try job.found(lines)
                == ["misplaced: row 3: its record stands out of order, in line 13"])
    }

    @Test("an edited record says what of it is not as it was")
    func edited() throws {
        let job = try Job(rows: 20, failing: [3: .audioDamaged])
        func edit(_ row: Int, _ text: String, _ other: String) throws -> [String] {
            var lines = job.records
            let record = String(decoding: lines[row], as: UTF8.self)
            lines[row] = Array(record.replacingOccurrences(of: text, with: other).utf8)
            #expect(lines[row] != job.records[row])
            return try job.found(lines)
        }
        let tampered: [(Int, String, String, String)] = [
            (
                5, "WORD 5", "WORD 6",
                "pred_text, or what else was computed, is not what was recorded"
            ),
            (5, "\"n\": 5", "\"n\": 6", "the row's field n is not what the row says"),
            (5, "\"n\": 5,", "", "the row's field n is gone"),
            (5, "\"n\": 5", "\"n\": 5,\"m\":1", "the field m is none of the row's"),
            (
                5, "\"n\": 5", "\"n\":5",
                "its bytes are not the row's fields followed by what became of it"
            ),
            (
                5, "transcribed", "done",
                "status is missing or none of transcribed, rejected, quarantined"
            ),
            (5, "\"}", "", "its line is not one JSON object"),
            (
                3, "audio.damaged", "audio.broken",
                "error.code is missing, unknown, or does not go with rejected"
            ),
            (
                3, "rejected", "quarantined",
                "error.code is missing, unknown, or does not go with quarantined"
            ),
        ]
        for (row, text, other, sentence) in tampered {
            #expect(try edit(row, text, other) == ["changed: row \(row): \(sentence)"])
        }
        var lines = job.records
        lines[3] = RecordWriter.failed(
            raw: try job.manifest.raw(of: 3), lineNumber: 4, code: .audioEmpty)
        #expect(
            try job.found(lines)
                == ["changed: row 3: its end (audio.empty) is not what was recorded"])
    }

    @Test("the records of an older engine have the fields that it knew", arguments: [2, 3])
    func olderEngine(engine: Int) throws {
        let job = try Job(
            rows: 40, failing: [7: .audioDamaged], engine: engine,
            more: #","pred_text":"NEMO","audio_warning":"none""#)
        #expect(try job.found(job.records) == [])
        // Rows of both engines are not the same bytes, so that each is held against its own.
        let other = try Job(
            rows: 40, failing: [7: .audioDamaged], engine: engine == 2 ? 3 : 2,
            more: #","pred_text":"NEMO","audio_warning":"none""#)
        #expect(job.records != other.records)
        var lines = job.records
        lines[4] = Array(
            String(decoding: lines[4], as: UTF8.self).replacing("none", with: "NONE").utf8)
        let name = engine == 2 ? "audio_warning" : "audio_warning, kept as source_audio_warning,"
        #expect(
            try job.found(lines) == [
                "changed: row 4: the row's field \(name) is not what the row says"
            ])
    }

    @Test("each record of a job that engines shared has the fields of the engine that made it")
    func sharedByEngines() throws {
        let job = try Job(
            rows: 40, failing: [7: .audioDamaged, 30: .audioDamaged], olderRows: 20,
            more: #","pred_text":"NEMO","audio_warning":"none""#)
        #expect(try job.found(job.records) == [])
        let other = try Job(
            rows: 40, failing: [7: .audioDamaged, 30: .audioDamaged],
            more: #","pred_text":"NEMO","audio_warning":"none""#)
        #expect(job.records[7] != other.records[7] && job.records[30] == other.records[30])
    }

    @Test("a file that was cut is called that, in a line and between lines")
    func truncated() throws {
        let job = try Job(rows: 20)
        #expect(
            try job.found(job.records, end: "")
                == ["truncated: the file is cut short: line 20 has no line end"])
        let cut = Array(job.records[..<10]) + [Array(job.records[10].dropLast(9))]
        #expect(
            try job.found(cut, end: "") == [
                "truncated: the file is cut short: line 11 has no line end",
                "changed: row 10: its line is not one JSON object",
                "missing: rows 11 to 19: no record",
            ])
    }

    @Test("a line of nobody is named by its number")
    func foreign() throws {
        let job = try Job(rows: 20)
        var lines = job.records
        lines.insert(Array("{\"audio_filepath\":\"x\"}".utf8), at: 9)
        #expect(try job.found(lines) == ["foreign: line 10 is the record of no row"])
    }

    @Test("whatever is done to the lines, something is found", arguments: UInt64(1)...200)
    func anything(seed: UInt64) throws {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % UInt64(bound))
        }
        let job = try Job(rows: 12, failing: [2: .audioDamaged])
        var lines = job.records
        for _ in 0...next(4) where !lines.isEmpty {
            switch next(5) {
            case 0: lines.remove(at: next(lines.count))
            case 1: lines.insert(lines[next(lines.count)], at: next(lines.count + 1))
            case 2: lines.swapAt(next(lines.count), next(lines.count))
            case 3:
                let line = next(lines.count)
                if !lines[line].isEmpty { lines[line][next(lines[line].count)] ^= 1 }
            default: lines.insert(Array("{}".utf8), at: next(lines.count + 1))
            }
        }
        #expect(
            try (job.check(lines).differences.count > 0) == (lines != job.records), "seed \(seed)")
    }
}

@Suite("Which rows are transcribed again")
struct SampleChoiceTests {
    private let job = SHA256Hasher.digest(of: Array("job".utf8))

    @Test("the same rows each time, others for another job, in order")
    func repeatable() {
        let rows = Array(0..<1_000)
        let chosen = SampleChoice.rows(20, of: rows, job: job)
        #expect(chosen.count == 20 && chosen == chosen.sorted() && Set(chosen).count == 20)
        #expect(chosen == SampleChoice.rows(20, of: rows, job: job))
        let other = SHA256Hasher.digest(of: Array("other".utf8))
        #expect(chosen != SampleChoice.rows(20, of: rows, job: other))
        // A larger sample asks for all that a smaller one asks for.
        #expect(Set(chosen).isSubset(of: SampleChoice.rows(50, of: rows, job: job)))
    }

    @Test("all rows if there are no more")
    func all() {
        #expect(SampleChoice.rows(.max, of: [3, 5], job: job) == [3, 5])
        #expect(SampleChoice.rows(0, of: [3, 5], job: job) == [])
    }
}
