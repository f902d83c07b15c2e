import Testing
import TranscriptFormats
import TranscriptRows

/// SubRip and WebVTT.
struct SubtitleFormatTests {
    @Test func whatMeansSomethingInACueIsEscaped() throws {
        let records = record("x.wav", "a --> b & <c>", ",\"speaker\":\"A & B\"")
        #expect(
            try exported(records, as: "vtt").files["x.vtt"] == """
                WEBVTT

                00:00:00.000 --> 00:00:02.000
                <v A &amp; B>a --&gt; b &amp; &lt;c&gt;

                """)
        #expect(
            try exported(records, as: "srt").files["x.srt"] == """
                1
                00:00:00,000 --> 00:00:02,000
                a -> b & <c>


                """)
    }

    @Test func hoursGoOnBeyondTwoDigits() throws {
        let text = try exported(record("x.wav", "A", at: "360000.9996"), as: "srt").files["x.srt"]
        #expect(text?.contains("100:00:01,000 --> 100:00:03,000") == true)
    }

    @Test func longTextWithoutTimesIsCutOnlyWhenAsked() throws {
        let records = record(
            "x.wav", Array(repeating: "WORD", count: 60).joined(separator: " "), lasting: "30")
        let error = #expect(throws: ExportError.self) { try exported(records, as: "srt") }
        #expect(error?.description.contains("--spread") == true)
        #expect(error?.description.contains("line 1") == true)
        let text = try #require(
            try exported(records, as: "srt") { $0.spreadsText = true }.files["x.srt"])
        #expect(text.split(whereSeparator: \.isWhitespace).filter { $0 == "WORD" }.count == 60)
    }

    @Test func rowsWithoutWordsGiveNoCue() throws {
        #expect(try exported(record("x.wav", " "), as: "srt").files["x.srt"] == "")
    }
}
