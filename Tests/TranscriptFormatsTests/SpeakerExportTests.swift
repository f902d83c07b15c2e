import Testing
import TranscriptFormats
import TranscriptRows

/// Rows whose words name their speakers.
struct SpeakerExportTests {
    private static let row = record(
        "x.wav", "HELLO YOU HI", at: "10", lasting: "6",
        #","speaker":"room","word_timestamps":["#
            + #"{"word":"HELLO","start_offset":5,"end_offset":20,"start":0.100,"end":0.400,"confidence":0.9000,"speaker":"a<b"},"#
            + #"{"word":"YOU","start_offset":25,"end_offset":35,"start":0.500,"end":0.700,"confidence":0.9000,"speaker":"a<b"},"#
            + #"{"word":"HI","start_offset":150,"end_offset":160,"start":3.000,"end":3.200,"confidence":0.8000}]"#
    )

    @Test func eachStretchOfOneSpeakerHasItsVoice() throws {
        let cues = try exported(Self.row, as: "vtt").files["x.vtt"] ?? ""
        #expect(cues.contains("<v a&lt;b>HELLO YOU\n"))
        // Nobody is named there, so that it is the row's own speaker's.
        #expect(cues.contains("<v room>HI\n"))
        #expect(
            try exported(Self.row, as: "stm").files["out"] == """
                x A a<b 10.000 10.700 HELLO YOU
                x A room 13.000 16.000 HI

                """)
    }

    @Test func segmentsNeverMixTwoSpeakersAndBoundariesSayWhoSpeaks() throws {
        let row = record(
            "x.wav", "A B", at: "1", lasting: "5",
            #","id":"u","word_timestamps":["#
                + #"{"word":"A","start":1.0,"end":1.2,"speaker":"ann"},"#
                + #"{"word":"B","start":1.5,"end":1.9,"speaker":"bob"}],"segment_timestamps":["#
                + #"{"segment":"A B","start":0.5,"end":2.4}]"#)
        #expect(
            try exported(row, as: "csv", rows: .segments).files["out"] == """
                id,audio_filepath,channel,speaker,start,end,text,parent_row
                u-000001500-000002200,x.wav,,ann,1.500,2.200,A,0
                u-000002500-000003400,x.wav,,bob,2.500,3.400,B,0

                """)
        #expect(
            try exported(row, as: "rttm").files["out"] == """
                SPEAKER x 1 1.500 0.700 <NA> <NA> ann <NA> <NA>
                SPEAKER x 1 2.500 0.900 <NA> <NA> bob <NA> <NA>

                """)
        #expect(
            try exported(row, as: "csv", speakers: ["bob"], rows: .segments).summary.segments == 1)
    }

    @Test func wordsKeepTheirSpeakersWhereAFormatHasThem() throws {
        let line = try exported(Self.row, as: "nemo").files["out"] ?? ""
        #expect(line.contains(#""end":0.700,"confidence":0.9000,"speaker":"a<b"},{"word":"HI","#))
        #expect(line.contains(#""end":3.200,"confidence":0.8000}]"#))
    }

    @Test func mixedRowsOfManyRecordingsKeepThemThroughTheSorting() throws {
        let other = record("a.wav", "ONE", at: "0", lasting: "2", #","speaker":"z""#)
        let text = try exported(Self.row + other, as: "stm").files["out"]
        #expect(text?.hasPrefix("a A z 0.000 2.000 ONE\nx A a<b 10.000") == true)
    }

    @Test func rowsWithoutNamedWordsAreWhatTheyWere() throws {
        let words = [("ONE", "0.5", "0.9"), ("TWO", "1", "1.5")]
        let row = record("x.wav", "ONE TWO", #","speaker":"s""#, words: words)
        #expect(try exported(row, as: "stm").files["out"] == "x A s 0.000 2.000 ONE TWO\n")
    }
}
