import SpeechTypes
import StrictJSON
import Testing
import TranscriptRows

/// Reading what is needed of a record, and nothing that is no record.
struct RecordReaderTests {
    private func read(_ line: String, words: Bool = true) throws -> RecordReader.Reading {
        try Array(line.utf8).withUnsafeBytes {
            try RecordReader(readsWords: words).read($0, lineNumber: 7)
        }
    }

    private func segment(_ line: String) throws -> TranscriptSegment {
        guard case .segments(let segments) = try read(line), segments.count == 1 else {
            throw ExportError(.invalidRecord, "not one segment")
        }
        return segments[0]
    }

    @Test func whatIsUsedIsFoundAmongWhatIsNot() throws {
        let segment = try segment(
            #"""
            { "x": {"a": [1, "]}\"", {"b": null}]}, "id": 12, "audio_filepath":"a\u0062.wav",
            "y": "\\", "offset": 1.5, "duration":2e0 ,"speaker":"s","channel":1,"lang":"de",
            "word_timestamps":[{"word":"\u00e9\"","start":0.1,"end":0.25,"confidence":0.98765,
            "start_offset":5,"end_offset":12,"more":[{}]},{"word":" ","start":1,"end":1}],
            "pred_text":"é\"","z":true,"status":"transcribed"}
            """#.replacing("\n", with: " "))
        #expect(segment.audio == "ab.wav")
        #expect(segment.rowID == "12")
        #expect(segment.start == MediaTime(milliseconds: 1_500))
        #expect(segment.duration == MediaTime(milliseconds: 2_000))
        #expect(segment.speaker == "s")
        #expect(segment.channel == 1)
        #expect(segment.language == "de")
        #expect(segment.text == "é\"")
        #expect(
            segment.words == [
                TimedWord(
                    text: "é\"", start: MediaTime(milliseconds: 100),
                    end: MediaTime(milliseconds: 250), confidence: 9_877, startFrame: 5,
                    endFrame: 12)
            ])
    }

    @Test func aPathInBytesWins() throws {
        let segment = try segment(
            #"{"audio_filepath":"?","audio_filepath_bytes":"6S53YXY=","pred_text":"A"}"#)
        #expect(segment.audio.bytes == [0xE9] + Array(".wav".utf8))
    }

    @Test func keysWithEscapesAreTheKeysThatTheyMean() throws {
        #expect(try segment(#"{"audio_filepath":"a","pred_\u0074ext":"A"}"#).text == "A")
    }

    @Test func everyCutOfARecordIsAnError() throws {
        let line =
            #"{"audio_filepath":"a.wav","offset":0.5,"pred_text":"A \"é\"","word_timestamps":"#
            + #"[{"word":"A","start":0.1,"end":0.2}],"status":"transcribed"}"#
        let bytes = Array(line.utf8)
        for count in 0..<bytes.count {
            bytes[..<count].withUnsafeBytes { cut in
                let error = #expect(throws: ExportError.self) {
                    try RecordReader(readsWords: true).read(cut, lineNumber: 7)
                }
                #expect(error?.description.contains("line 7") == true, "\(count)")
            }
        }
    }

    @Test(arguments: [
        #"[]"#, #"{"audio_filepath":"","pred_text":"A"}"#, #"{"pred_text":"A"}"#,
        #"{"audio_filepath":"a","pred_text":"A"} x"#,
        #"{"audio_filepath":"a","offset":-1,"pred_text":"A"}"#,
        #"{"audio_filepath":"a","duration":"1","pred_text":"A"}"#,
        #"{"audio_filepath":"a\u0000","pred_text":"A"}"#,
        #"{"audio_filepath_bytes":"!","pred_text":"A"}"#,
        #"{"audio_filepath":"a","pred_text":"A","word_timestamps":[{"word":"A","start":2,"end":1}]}"#,
        #"{"audio_filepath":"a","pred_text":"A","word_timestamps":[{"word":"A"}]}"#,
        #"{"audio_filepath":"a","pred_text":"A","word_timestamps":[{"word":"A","start":0,"end":1,"confidence":1.5}]}"#,
        #"{"audio_filepath":"a","pred_text":"A","word_timestamps":[1]}"#,
        #"{"audio_filepath":"a","pred_text":"\x"}"#,
    ])
    func whatIsNoRecordIsAnError(line: String) {
        #expect(throws: ExportError.self) { try read(line) }
    }

    @Test func bytesThatAreNoTextAreAnError() {
        let line = Array(#"{"audio_filepath":"a","pred_text":""#.utf8) + [0xFF] + Array("\"}".utf8)
        _ = line.withUnsafeBytes { bytes in
            #expect(throws: ExportError.self) {
                try RecordReader(readsWords: false).read(bytes, lineNumber: 1)
            }
        }
    }

    @Test func wordTimesAreNotReadWhereNobodyAsks() throws {
        let reading = try read(
            #"{"audio_filepath":"a","pred_text":"A","word_timestamps":[{"word":"A"}]}"#,
            words: false)
        guard case .segments(let segments) = reading else {
            Issue.record("no segment")
            return
        }
        #expect(segments[0].words == nil)
    }

    /// The skimming reader and the strict one agree on texts of all kinds.
    @Test func stringsAreReadAsTheStrictParserReadsThem() throws {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "a", "é", "\\", "\"", "\n", "\u{1F600}", "{", "]", ",", "\u{0}", "東", "\u{7F}",
        ]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                parts.randomElement(using: &generator) ?? ""
            }.joined()
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("audio_filepath", "a")
            writer.member("other", text)
            writer.member("pred_text", text)
            writer.endObject()
            let line = String(decoding: writer.bytes, as: UTF8.self)
            #expect(try segment(line).text == text, "\(line)")
        }
    }
}
