import Foundation
import TestProcesses
import Testing
import TranscriptFormats
import TranscriptRows

/// What single formats do with what is hard to say in them.
struct FormatTests {
    private let words = [("ONE", "0.5", "0.9"), ("TWO", "1", "1.5")]

    @Test func channelsOfARowAreSegmentsOfTheirOwn() throws {
        let records =
            "{\"audio_filepath\":\"call.wav\",\"duration\":2,\"pred_text\":\"HELLO HI\","
            + "\"channels\":[{\"channel\":0,\"pred_text\":\"HELLO\"},"
            + "{\"channel\":1,\"pred_text\":\"HI\"}],\"status\":\"transcribed\"}\n"
        let text = try exported(records, as: "stm").files["out"]
        #expect(
            text == "call A unknown 0.000 2.000 HELLO\ncall B unknown 0.000 2.000 HI\n")
    }

    @Test func aTimeMarkedWordWithoutTimesIsAnErrorThatSaysWhatToDo() throws {
        let error = #expect(throws: ExportError.self) {
            try exported(record("x.wav", "ONE"), as: "ctm")
        }
        #expect(error?.code == .missing)
        #expect(error?.description.contains("without word times, such as stm") == true)
    }

    @Test func anEmptyTranscriptNeedsNoTimes() throws {
        #expect(try exported(record("x.wav", ""), as: "ctm").files["out"] == "")
    }

    @Test func rowsThatOverlapStandInTheOrderOfTimeInCTM() throws {
        let records =
            record("x.wav", "ONE TWO", at: "0", words: words)
            + record("x.wav", "SIX", at: "0.25", words: [("SIX", "0.5", "1.0")])
        let text = try exported(records, as: "ctm").files["out"]
        #expect(
            text == """
                x A 0.500 0.400 ONE
                x A 0.750 0.500 SIX
                x A 1.000 0.500 TWO

                """)
    }

    @Test func oneIDForTwoRowsIsRefusedWhereReadersWouldMixThemUp() throws {
        let records =
            record("x.wav", "ONE", ",\"id\":\"u\"") + record("y.wav", "TWO", ",\"id\":\"u\"")
        for name in ["trn", "kaldi"] {
            let error = #expect(throws: ExportError.self) { try exported(records, as: name) }
            #expect(error?.description.contains("lines 1 and 2") == true, "\(name)")
        }
    }

    @Test func oneSpanTwiceHasTwoIDs() throws {
        let records = record("x.wav", "ONE") + record("x.wav", "ONE")
        #expect(
            try exported(records, as: "trn").files["out"] == """
                ONE (x-000000000-000002000)
                ONE (x-000000000-000002000-2)

                """)
    }

    @Test func whatSeparatesFieldsDoesNotStandInThem() throws {
        let records = record("x y.wav", "A\\tB\\nC", ",\"speaker\":\"s p\"")
        #expect(
            try exported(records, as: "stm").files["out"] == "x_y A s_p 0.000 2.000 A B C\n")
        #expect(
            try exported(records, as: "tsv").files["x y.tsv"]
                == "start\tend\ttext\n0\t2000\tA B C\n")
        #expect(
            try exported(records, as: "csv").files["out"]?.hasSuffix("\"A\tB\nC\"\n") == true)
    }

    @Test func kaldiHasOneOrderForSpeakersAndUtterances() throws {
        let records =
            record("x.wav", "A", ",\"speaker\":\"s-1\",\"id\":\"9\"")
            + record("y.wav", "B", ",\"speaker\":\"s\",\"id\":\"1\"")
        let files = try exported(records, as: "kaldi").files
        #expect(files["utt2spk"] == "s-1 s\ns_1-9 s_1\n")
        #expect(files["spk2utt"] == "s s-1\ns_1 s_1-9\n")
        #expect(files["reco2dur"] == nil, "nobody knows how long these are")
    }

    @Test func kaldiKeepsItsOwnWordsForItself() throws {
        #expect(throws: ExportError.self) { try exported(record("x.wav", "A <s>"), as: "kaldi") }
    }

    @Test func aTextGridCoversAllTimeAndLosesNoWord() throws {
        let records = record(
            "x.wav", "ONE TWO SIX", lasting: "3",
            words: [("ONE", "0.5", "1"), ("TWO", "0.9", "1"), ("SIX", "1", "2")])
        let text = try #require(try exported(records, as: "textgrid").files["x.TextGrid"])
        #expect(text.contains("text = \"ONE TWO\""))
        #expect(text.contains("text = \"SIX\""))
        #expect(text.contains("intervals: size = 4"))
    }

    @Test func aTextGridWithoutWordTimesHasTheRowsAlone() throws {
        let text = try #require(
            try exported(record("x.wav", "say \\\"A\\\""), as: "textgrid").files["x.TextGrid"])
        #expect(text.contains("size = 1"))
        #expect(text.contains("\"say \"\"A\"\"\""))
    }

    @Test func lhotseSaysWhichRecordingItCannotRead() throws {
        let error = #expect(throws: ExportError.self) {
            try exported(record("x.wav", "ONE"), as: "lhotse")
        }
        #expect(error?.description.contains("/recordings/x.wav") == true)
        #expect(error?.description.contains("--audio-root") == true)
    }

    @Test func compressedFilesHaveTheSameLines() throws {
        let scratch = try ScratchFolder()
        let records = record("audio/rec-a.wav", "ONE")
        let output = try scratch.write(records)
        var context = ExportContext(recordings: TwoRecordings())
        context.compresses = true
        let export = TranscriptExport(
            try #require(TranscriptFormats.named("lhotse")), to: .path("\(scratch.path)/to"),
            context)
        _ = try export.run(outputAt: output)
        _ = try StartedProcess.run("/bin/gunzip", ["\(scratch.path)/to/cuts.jsonl.gz"])
        let plain = try exported(records, as: "lhotse").files["cuts.jsonl"]
        #expect(
            try String(contentsOfFile: "\(scratch.path)/to/cuts.jsonl", encoding: .utf8) == plain)
    }

    @Test func archivesHoldEachSampleUnderOneName() throws {
        let scratch = try ScratchFolder()
        let long = String(repeating: "n", count: 120)
        let output = try scratch.write(
            record("audio/rec-a.wav", "ONE", at: "1", ",\"id\":\"a.b/c\"")
                + record("audio/rec-a.wav", "TWO", at: "2", ",\"id\":\"\(long)\"")
                + record("audio/rec-a.wav", "SIX", at: "3"))
        var context = ExportContext(recordings: TwoRecordings())
        context.shardRowsMax = 2
        let export = TranscriptExport(
            try #require(TranscriptFormats.named("webdataset")), to: .path("\(scratch.path)/to"),
            context)
        _ = try export.run(outputAt: output)
        let tar = try StartedProcess.run(
            "/bin/tar", ["-xf", "shard-000000.tar"], folder: "\(scratch.path)/to")
        #expect(tar.status == 0)
        let files = try scratch.files(below: "to")
        #expect(
            files.keys.sorted()
                == [
                    "a%2Eb%2Fc.json", "a%2Eb%2Fc.txt", "a%2Eb%2Fc.wav", "\(long).json",
                    "\(long).txt", "\(long).wav", "shard-000000.tar", "shard-000001.tar",
                ].sorted())
        #expect(files["\(long).txt"] == "TWO")
        #expect(files["a%2Eb%2Fc.wav"]?.hasPrefix("RIFF") == true)
    }

    @Test func fairseqCountsSamplesAndSpellsLetters() throws {
        let files = try exported(
            record("audio/rec-a.wav", "ÖL AB", at: "1", lasting: "0.5"), as: "fairseq"
        ).files
        #expect(
            files["train.tsv"]?.hasSuffix("\naudio/rec-a-000001000-000001500.wav\t8000\n") == true)
        #expect(files["train.ltr"] == "Ö L | A B |\n")
        #expect(files["train.wrd"] == "ÖL AB\n")
        #expect(files["dict.ltr.txt"] == "| 2\nA 1\nB 1\nL 1\nÖ 1\n")
    }
}
