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

    /// Without a delimiter of words all of a row is one word, whose characters say when it may be cut.
    @Test func scriptsWithoutSpacesAreCutAtTheTimesOfTheirCharacters() throws {
        // Said without a pause but for two seconds behind the fifteenth character.
        let text = Array("あいうえおかきくけこさしすせそたちつてとなにぬねの")
        let items = text.enumerated().map { index, character in
            let start = index * 10 + (index >= 15 ? 100 : 0)
            func seconds(_ frame: Int) -> String {
                let text = "00\(frame * 20)"
                return "\(frame * 20 / 1_000).\(text.suffix(3))"
            }
            return
                "{\"char\":\"\(character)\",\"start_offset\":\(start),\"end_offset\":\(start + 4),"
                + "\"start\":\(seconds(start)),\"end\":\(seconds(start + 4)),\"confidence\":0.9000}"
        }
        let characters = ",\"char_timestamps\":[\(items.joined(separator: ","))]"
        let word = [(String(text), "0.000", "6.880")]
        let timed = record("x.wav", String(text), lasting: "7", characters, words: word)
        #expect(
            try exported(timed, as: "srt").files["x.srt"] == """
                1
                00:00:00,000 --> 00:00:02,880
                あいうえおかきくけこさしすせそ

                2
                00:00:05,000 --> 00:00:07,000
                たちつてとなにぬねの


                """)
        // Where nothing says when a character was said, all of them are shown from the first on.
        let untimed = record("x.wav", String(text), lasting: "7", words: word)
        #expect(try exported(untimed, as: "srt").files["x.srt"]?.contains("07,000\nあ") == true)
    }
}
