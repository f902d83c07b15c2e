import Foundation
import SpeechTypes
import Testing
import TranscriptFormats
import TranscriptRows

/// Where files go, and what becomes of what is in the way.
struct LayoutTests {
    @Test func foldersOfTheRowsAreKept() throws {
        let records = record("a/b/x.wav", "ONE") + record("a/c/x.wav", "TWO")
        let files = try exported(records, as: "txt").files
        #expect(files == ["a/b/x.txt": "ONE\n", "a/c/x.txt": "TWO\n"])
    }

    @Test func namesThatDifferOnlyInTheirEndsDoNotMeet() throws {
        let records =
            record("x.wav", "ONE") + record("x.mp3", "TWO") + record("x.mp3.wav", "THREE")
            + record("y.wav", "FOUR")
        let files = try exported(records, as: "txt").files
        #expect(
            files == [
                "x.wav.txt": "ONE\n", "x.mp3.txt": "TWO\n", "x.mp3.wav.txt": "THREE\n",
                "y.txt": "FOUR\n",
            ])
    }

    @Test func theOrderOfRowsDoesNotChangeNames() throws {
        let rows = [
            record("x.wav", "ONE"), record("x.mp3", "TWO"), record("a/x.ogg", "THREE"),
            record("z", "FOUR"),
        ]
        let forward = try exported(rows.joined(), as: "txt").files
        let backward = try exported(rows.reversed().joined(), as: "txt").files
        #expect(forward == backward)
        #expect(forward.count == 4)
    }

    @Test func nothingIsWrittenOutsideOfTheFolder() throws {
        let files = try exported(
            record("../../x.wav", "ONE") + record("/abs/y.wav", "TWO"), as: "txt"
        ).files
        #expect(files == ["__/__/x.txt": "ONE\n", "abs/y.txt": "TWO\n"])
    }

    @Test func rowsOfOneRecordingComeTogetherHoweverTheyAreMixed() throws {
        let records =
            record("b.wav", "THREE", at: "5") + record("a.wav", "ONE")
            + record("b.wav", "TWO", at: "1.5")
        let files = try exported(records, as: "tsv").files
        #expect(files["b.tsv"] == "start\tend\ttext\n1500\t3500\tTWO\n5000\t7000\tTHREE\n")
    }

    /// Rows in the order of the recordings are written as they come, all others are sorted first.
    @Test(arguments: ["ctm", "stm", "trn"])
    func linesAreTheSameWhateverTheOrderOfTheRows(format: String) throws {
        var rows: [String] = []
        for name in ["a/x.wav", "b/x.wav", "a/y.mp3", "c/y.wav", "z.wav"] {
            for (index, channel) in [(0, 0), (0, 1), (1, 0), (2, 1)] {
                let words = [("W\(index)", "0.1", "0.5"), ("V\(channel)", "0.5", "0.9")]
                rows.append(
                    record(
                        name, "W\(index) V\(channel)", at: "\(index).5", lasting: "1",
                        ",\"channel\":\(channel)", words: words))
            }
        }
        let ordered = try exported(rows.joined(), as: format)
        #expect(ordered.summary.rows == 20)
        #expect(ordered.files["out"]?.split(separator: "\n").count == (format == "ctm" ? 40 : 20))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var mixed = rows
            if Bool.random(using: &generator) {
                mixed.shuffle(using: &generator)
            } else {
                // All but one are in order.
                let row = mixed.remove(at: Int.random(in: 0..<rows.count, using: &generator))
                mixed.insert(row, at: Int.random(in: 0..<rows.count, using: &generator))
            }
            // Rows that begin together keep the order in which they come: here there are none.
            #expect(try exported(mixed.joined(), as: format).files == ordered.files)
        }
    }

    /// What was written of rows in order is dropped, and so is a file that was there.
    @Test func aRowOutOfOrderReplacesNothing() throws {
        let scratch = try ScratchFolder()
        let output = try scratch.write(record("b.wav", "ONE") + record("a.wav", "TWO"))
        let mine = try scratch.write("mine", to: "to.stm")
        var export = TranscriptExport(
            try #require(TranscriptFormats.named("stm")), to: .path(mine),
            ExportContext(recordings: TwoRecordings()))
        #expect(throws: ExportError.self) { try export.run(outputAt: output) }
        #expect(try String(contentsOfFile: mine, encoding: .utf8) == "mine")
        export.replaces = true
        _ = try export.run(outputAt: output)
        #expect(
            try String(contentsOfFile: mine, encoding: .utf8)
                == "a A unknown 0.000 2.000 TWO\nb A unknown 0.000 2.000 ONE\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
                == ["out.jsonl", "to.stm"])
    }

    @Test func aPipeIsReadOnce() throws {
        let scratch = try ScratchFolder()
        let pipe = "\(scratch.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let records = record("b.wav", "ONE") + record("a.wav", "TWO")
        let writer = Thread {
            try? records.write(toFile: pipe, atomically: false, encoding: .utf8)
        }
        writer.start()
        let export = TranscriptExport(
            try #require(TranscriptFormats.named("stm")), to: .path("\(scratch.path)/to"),
            ExportContext(recordings: TwoRecordings()))
        #expect(try export.run(outputAt: pipe).rows == 2)
    }

    @Test func filesThatAreThereAreNotReplacedUnasked() throws {
        let scratch = try ScratchFolder()
        let output = try scratch.write(record("talk.wav", "ONE"))
        let notes = try scratch.write("my notes", to: "talk.txt")
        var export = TranscriptExport(
            try #require(TranscriptFormats.named("txt")), to: .path(scratch.path),
            ExportContext(recordings: TwoRecordings()))
        let error = #expect(throws: ExportError.self) { try export.run(outputAt: output) }
        #expect(error?.code == .exists)
        #expect(try String(contentsOfFile: notes, encoding: .utf8) == "my notes")
        export.replaces = true
        _ = try export.run(outputAt: output)
        #expect(try String(contentsOfFile: notes, encoding: .utf8) == "ONE\n")
    }

    @Test func filesStandBesideTheirRecordings() throws {
        let scratch = try ScratchFolder()
        try FileManager.default.createDirectory(
            atPath: "\(scratch.path)/talks", withIntermediateDirectories: true)
        let output = try scratch.write(record("\(scratch.path)/talks/x.mp3", "ONE"))
        let export = TranscriptExport(
            try #require(TranscriptFormats.named("txt")), to: .besideRecordings,
            ExportContext(recordings: TwoRecordings()))
        _ = try export.run(outputAt: output)
        #expect(try scratch.files(below: "talks") == ["x.txt": "ONE\n"])
    }

    @Test(arguments: ["csv", "ctm", "kaldi"])
    func whatIsOneFileOrFolderCannotStandBesideRecordings(name: String) throws {
        let scratch = try ScratchFolder()
        let output = try scratch.write(record("x.mp3", "ONE", words: [("ONE", "0", "1")]))
        let export = TranscriptExport(
            try #require(TranscriptFormats.named(name)), to: .besideRecordings,
            ExportContext(recordings: TwoRecordings()))
        #expect(throws: ExportError.self) { try export.run(outputAt: output) }
    }

    @Test(arguments: TranscriptFormats.all.map(\.name))
    func aDamagedLineLeavesNothingBehind(name: String) throws {
        let scratch = try ScratchFolder()
        let output = try scratch.write(
            record("audio/rec-a.wav", "ONE", words: [("ONE", "0", "1")]) + "{\"audio_filepath\":")
        let form = try #require(TranscriptFormats.named(name))
        let export = TranscriptExport(
            form, to: .path("\(scratch.path)/to"), ExportContext(recordings: TwoRecordings()))
        let error = #expect(throws: ExportError.self) { try export.run(outputAt: output) }
        #expect(error?.code == .invalidRecord)
        #expect(error?.description.contains("line 2") == true)
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(left.filter { $0 != "out.jsonl" && $0 != "to" } == [])
        if form.layout != .fileForEachRecording { #expect(!left.contains("to")) }
    }

    @Test func aFolderThatIsNotEmptyStays() throws {
        let scratch = try ScratchFolder()
        let output = try scratch.write(record("audio/rec-a.wav", "ONE"))
        try FileManager.default.createDirectory(
            atPath: "\(scratch.path)/to", withIntermediateDirectories: true)
        _ = try scratch.write("mine", to: "to/text")
        let export = TranscriptExport(
            try #require(TranscriptFormats.named("kaldi")), to: .path("\(scratch.path)/to"),
            ExportContext(recordings: TwoRecordings()))
        #expect(throws: ExportError.self) { try export.run(outputAt: output) }
        #expect(try scratch.files(below: "to") == ["text": "mine"])
    }

    @Test func onlyRowsOfTheSpeakersWhoAreAskedForAreExported() throws {
        let records =
            record("x.wav", "ONE", ",\"speaker\":\"a\"") + record("x.wav", "TWO")
            + record("x.wav", "THREE", ",\"speaker\":\"b\"")
        let (files, summary) = try exported(records, as: "txt", speakers: ["a"])
        #expect(files == ["x.txt": "ONE\n"])
        #expect(summary.rowsOfOthers == 2)
    }

    @Test func rowsWithoutATranscriptAreCounted() throws {
        let records =
            record("x.wav", "ONE")
            + "{\"audio_filepath\":\"y.wav\",\"pred_text\":\"\",\"status\":\"quarantined\"}\n"
            + "{\"line\":3,\"raw\":\"{bad\",\"pred_text\":\"\",\"status\":\"rejected\"}\n"
        let (files, summary) = try exported(records, as: "txt")
        #expect(files == ["x.txt": "ONE\n"])
        #expect(summary.rowsWithoutTranscript == 2)
    }
}
