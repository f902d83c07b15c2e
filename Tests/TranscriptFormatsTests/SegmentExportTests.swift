import Foundation
import Testing
import TranscriptFormats
import TranscriptParts
import TranscriptRows

/// Segments of records as rows of an export, and as boundaries of speech.
struct SegmentExportTests {
    /// Two windows with a word each, the first of which reaches over its end by 40 ms.
    private static let segments =
        #","segment_timestamps":["#
        + #"{"segment":"ONE","start_offset":10,"end_offset":50,"start":0.200,"end":1.000,"confidence":0.9000},"#
        + #"{"segment":"TWO TOO","start_offset":150,"end_offset":200,"start":3.000,"end":4.000,"confidence":0.8000}]"#
    private static let words =
        #","word_timestamps":["#
        + #"{"word":"ONE","start_offset":40,"end_offset":52,"start":0.800,"end":1.040,"confidence":0.9000},"#
        + #"{"word":"TWO","start_offset":160,"end_offset":170,"start":3.200,"end":3.400,"confidence":0.8000},"#
        + #"{"word":"TOO","start_offset":180,"end_offset":190,"start":3.600,"end":3.800,"confidence":0.8500}]"#
    private static let row = record(
        "x y.wav", "ONE TWO TOO", at: "10", lasting: "5", words + segments)

    @Test func eachSegmentIsARowWithItsWordsAndItsParent() throws {
        let (files, summary) = try exported(Self.row, as: "nemo", rows: .segments)
        let lines = files["out"]?.split(separator: "\n").map(String.init) ?? []
        try #require(lines.count == 2)
        #expect(
            lines[0].hasPrefix(
                #"{"audio_filepath":"x y.wav","offset":10.2,"duration":0.84,"text":"ONE","#
                    + #""pred_text":"ONE","parent_row":0,"word_timestamps":[{"word":"ONE","#
                    + #""start_offset":30,"end_offset":42,"start":0.600,"end":0.840,"#
                    + #""confidence":0.9000}]"#))
        #expect(
            lines[1].hasPrefix(
                #"{"audio_filepath":"x y.wav","offset":13.0,"duration":1.0,"text":"TWO TOO","#))
        #expect(
            lines[1].contains(#"{"word":"TOO","start_offset":30,"end_offset":40,"start":0.600,"#))
        #expect(summary.rows == 1)
        #expect(summary.segments == 2)
    }

    @Test func idsOfSegmentsBeginWithTheirRowsIDAndStayUnique() throws {
        let rows = record(
            "x.wav", "ONE TWO TOO", at: "10", lasting: "5",
            ",\"id\":\"talk 7\"" + Self.words + Self.segments)
        #expect(
            try exported(rows, as: "trn", rows: .segments).files["out"] == """
                ONE (talk_7-000010200-000011040)
                TWO TOO (talk_7-000013000-000014000)

                """)
        let table = try exported(rows, as: "csv", rows: .segments).files["out"]
        #expect(
            table == """
                id,audio_filepath,channel,speaker,start,end,text,parent_row
                talk 7-000010200-000011040,x.wav,,,10.200,11.040,ONE,0
                talk 7-000013000-000014000,x.wav,,,13.000,14.000,TWO TOO,0

                """)
    }

    @Test func channelsHaveSegmentsOfTheirOwnInTheOrderOfTime() throws {
        let channels =
            #"{"audio_filepath":"call.wav","duration":9,"id":"c","pred_text":"A B C","channels":["#
            + #"{"channel":0,"pred_text":"A C","segment_timestamps":["#
            + #"{"segment":"A","start":0.5,"end":1.5},{"segment":"C","start":6,"end":7}]},"#
            + #"{"channel":1,"pred_text":"B","segment_timestamps":["#
            + #"{"segment":"B","start":3,"end":4}]}],"status":"transcribed"}"# + "\n"
        #expect(
            try exported(channels, as: "csv", rows: .segments).files["out"] == """
                id,audio_filepath,channel,speaker,start,end,text,parent_row
                c-A-000000500-000001500,call.wav,0,,0.500,1.500,A,0
                c-B-000003000-000004000,call.wav,1,,3.000,4.000,B,0
                c-A-000006000-000007000,call.wav,0,,6.000,7.000,C,0

                """)
        #expect(
            try exported(channels, as: "rttm").files["out"] == """
                SPEAKER call 1 0.500 1.000 <NA> <NA> A <NA> <NA>
                SPEAKER call 2 3.000 1.000 <NA> <NA> B <NA> <NA>
                SPEAKER call 1 6.000 1.000 <NA> <NA> A <NA> <NA>

                """)
        #expect(
            try exported(channels, as: "segments").files["out"] == """
                c-A-000000500-000001500 call-A 0.500 1.500
                c-A-000006000-000007000 call-A 6.000 7.000
                c-B-000003000-000004000 call-B 3.000 4.000

                """)
    }

    @Test func rowsWithoutSegmentsArePartedAtPausesOfTheirWords() throws {
        let words = [
            ("ONE", "0.2", "0.6"), ("TWO", "1.5", "2"), ("SIX", "3.2", "3.4"), ("TEN", "9", "9.5"),
        ]
        let table = try exported(
            record("x.wav", "ONE TWO\\tSIX  TEN", lasting: "9.7", words: words), as: "csv",
            rows: .segments
        ).files["out"]
        // 0.9 s part nothing, 1.2 s do, with half of them on each side; half a second is the most.
        #expect(
            table?.split(separator: "\n").dropFirst().map(String.init) == [
                ",x.wav,,,0.000,2.500,ONE TWO,0", ",x.wav,,,2.700,3.900,SIX,0",
                ",x.wav,,,8.500,9.700,TEN,0",
            ])
    }

    @Test func longSpeechWithoutPausesIsCutAtTheLongestOneAfterTwentySeconds() throws {
        // A word each second, with the longest pause of those after 20 s behind the 25th.
        let words = (0..<100).map { index in
            ("W\(index)", "\(index).1", index == 24 ? "\(index).4" : "\(index).6")
        }
        let rows = record(
            "x.wav", words.map(\.0).joined(separator: " "), lasting: "100", words: words)
        let texts =
            try exported(rows, as: "csv", rows: .segments).files["out"]?
            .split(separator: "\n").dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false)[6] } ?? []
        #expect(texts.joined(separator: " ") == words.map(\.0).joined(separator: " "))
        #expect(texts.first?.hasSuffix(" W24") == true)
        #expect(texts.allSatisfy { (1...30).contains($0.split(separator: " ").count) })
    }

    private static func lengths(_ min: Int, _ max: Int) throws -> SegmentLengths {
        try #require(
            SegmentLengths(
                min: MediaTime(milliseconds: min * 1_000), max: MediaTime(milliseconds: max * 1_000)
            ))
    }

    /// Start, end and text of each row of an export as CSV.
    private static func spans(
        _ records: String, _ lengths: SegmentLengths
    ) throws -> [(start: Double, end: Double, text: String)] {
        let table = try exported(records, as: "csv", rows: .segments, lengths: lengths)
            .files["out"]
        return try (table ?? "").split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            return (
                try #require(Double(cells[4])), try #require(Double(cells[5])), String(cells[6])
            )
        }
    }

    @Test func longSegmentsAreCutAtTheirLongestPausesAndNoneIsLongerThanAllowed() throws {
        // A word each second from 0.1 s on, one window, with longer pauses behind the 13th and the 29th.
        let words = (0..<60).map { index in
            ("W\(index)", "\(index).1", "\(index).\([12, 28].contains(index) ? 3 : 6)")
        }
        let segment =
            #","segment_timestamps":[{"segment":"\#(words.map(\.0).joined(separator: " "))","#
            + #""start_offset":0,"end_offset":3000,"start":0.000,"end":60.000}]"#
        let rows = try Self.spans(
            record(
                "x.wav", words.map(\.0).joined(separator: " "), lasting: "60", segment,
                words: words), Self.lengths(2, 20))
        #expect(
            rows.map(\.text).joined(separator: " ") == words.map(\.0).joined(separator: " "))
        #expect(rows.count > 3)
        #expect(rows.allSatisfy { (2...20).contains($0.end - $0.start) })
        #expect(rows.first?.start == 0 && rows.last?.end == 60)
        #expect(rows.first?.text.hasSuffix(" W12") == true)
        #expect(rows.contains { $0.text.hasSuffix(" W28") })
        for (one, next) in zip(rows, rows.dropFirst()) { #expect(one.end <= next.start) }
    }

    @Test func shortSegmentsAreJoinedAcrossShortSilenceAndOfOneSpeakerOnly() throws {
        func rows(_ speakers: [String]? = nil) throws -> [String] {
            let words = [
                ("ONE", "0.5", "0.9"), ("TWO", "2.2", "2.6"), ("SIX", "3.9", "4.3"),
                ("TEN", "9", "9.5"),
            ]
            let list = words.enumerated().map { index, word in
                let speaker = speakers.map { #","speaker":"\#($0[index])""# } ?? ""
                return #"{"word":"\#(word.0)","start":\#(word.1),"end":\#(word.2)\#(speaker)}"#
            }
            let text = words.map(\.0).joined(separator: " ")
            return try Self.spans(
                record(
                    "x.wav", text, lasting: "9.7",
                    ",\"word_timestamps\":[\(list.joined(separator: ","))]"),
                Self.lengths(2, 20)
            ).map(\.text)
        }
        // Each word is a segment by itself without them, and 4.7 s of silence are too many.
        #expect(try rows() == ["ONE TWO SIX", "TEN"])
        #expect(try rows(["a", "b", "b", "b"]) == ["ONE", "TWO SIX", "TEN"])
        // What becomes too long stays parted.
        let short = try #require(
            SegmentLengths(
                min: MediaTime(milliseconds: 1_000), max: MediaTime(milliseconds: 2_000)))
        let words = [("ONE", "0.5", "0.9"), ("TWO", "2.4", "2.9")]
        let parted = try Self.spans(record("x.wav", "ONE TWO", lasting: "3", words: words), short)
        #expect(parted.map(\.text) == ["ONE", "TWO"])
    }

    @Test func segmentsThatNothingTellsHowToCutStayAsTheyAre() throws {
        let rows = record("d.wav", "ONE TWO", lasting: "50")
        #expect(try Self.spans(rows, Self.lengths(2, 20)).map(\.end) == [50])
        let second = MediaTime(milliseconds: 1_000)
        #expect(SegmentLengths(min: .zero, max: second) == nil)
        #expect(SegmentLengths(min: second, max: MediaTime(milliseconds: 1_999)) == nil)
        #expect(
            SegmentLengths(
                min: MediaTime(milliseconds: 11_000), max: MediaTime(milliseconds: 20_000)) == nil)
    }

    @Test func rowsInWhichNothingIsSaidGiveNoneAndAreCounted() throws {
        let rows =
            record("a.wav", "", #","segment_timestamps":[]"#) + record("b.wav", "", words: [])
            + record("c.wav", "") + record("d.wav", "ONE")
            + #"{"audio_filepath":"e.wav","status":"rejected","pred_text":""}"# + "\n"
        let (files, summary) = try exported(rows, as: "csv", rows: .segments)
        // Nothing says where in its row the one word is, so that the row stays whole.
        #expect(files["out"]?.hasSuffix("\n,d.wav,,,0.000,2.000,ONE,3\n") == true)
        #expect(summary.segments == 1)
        #expect(summary.rowsWithoutSpeech == 3)
        #expect(summary.rowsWithoutTranscript == 1)
    }

    @Test func boundariesAreThoseOfTheRecordAndDoNotReachIntoEachOther() throws {
        let row = record(
            "x y.wav", "ONE TWO TOO", at: "10", lasting: "5",
            ",\"speaker\":\"Ann B\"" + Self.words + Self.segments)
        #expect(
            try exported(row, as: "rttm").files["out"] == """
                SPEAKER x_y 1 10.200 0.800 <NA> <NA> Ann_B <NA> <NA>
                SPEAKER x_y 1 13.000 1.000 <NA> <NA> Ann_B <NA> <NA>

                """)
        #expect(
            try exported(Self.row, as: "rttm").files["out"]?.contains(" speech <NA>") == true)
        #expect(
            try exported(row, as: "segments").files["out"] == """
                Ann_B-x_y-000010200-000011000 x_y 10.200 11.000
                Ann_B-x_y-000013000-000014000 x_y 13.000 14.000

                """)
    }

    /// `a` stands before `a!` as a recording, and behind it in the order of the lines.
    @Test func linesOfKaldisSegmentsAreSortedByTheirBytes() throws {
        let rows = record("a.wav", "ONE") + record("a!.wav", "TWO")
        #expect(
            try exported(rows, as: "segments").files["out"] == """
                a!-000000000-000002000 a! 0.000 2.000
                a-000000000-000002000 a 0.000 2.000

                """)
    }

    @Test func idsThatAreTheSameWithoutTheirBlanksAreRefused() throws {
        let rows =
            record("x.wav", "ONE", #","id":"u 1""#) + record("y.wav", "TWO", #","id":"u_1""#)
        let error = #expect(throws: ExportError.self) { try exported(rows, as: "segments") }
        #expect(error?.description.contains("lines 1 and 2 have the same id u_1") == true)
    }

    @Test func aGridShowsTheSegmentsOfItsRowsInATierOfTheirOwn() throws {
        let grid = try exported(Self.row, as: "textgrid").files["x y.TextGrid"] ?? ""
        #expect(grid.contains("size = 3 \nitem []"))
        let tier = try #require(grid.components(separatedBy: "name = \"segments\"").last)
        #expect(
            tier.hasPrefix(
                " \n        xmin = 0.0 \n        xmax = 15.0 \n        intervals: size = 5"))
        #expect(
            tier.contains(
                "xmin = 13.0 \n            xmax = 14.0 \n            text = \"TWO TOO\""))
    }

    @Test func aDataFolderOfSegmentsHasAnUtteranceForEach() throws {
        let files = try exported(Self.row, as: "kaldi", rows: .segments).files
        #expect(
            files["segments"] == """
                x_y-000010200-000011040 x_y 10.200 11.040
                x_y-000013000-000014000 x_y 13.000 14.000

                """)
        #expect(files["text"]?.hasPrefix("x_y-000010200-000011040 ONE\n") == true)
    }
}
