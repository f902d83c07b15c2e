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

    @Test func storedLogProbabilitiesStandInPlaceOfAudio() throws {
        #expect(try segment(#"{"logits_filepath":"x/a.npy","pred_text":"A"}"#).audio == "x/a.npy")
        let both = #"{"logits_filepath":"a.npy","audio_filepath":"a.wav","pred_text":"A"}"#
        #expect(try segment(both).audio == "a.wav")
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

    /// Words as records have them are read at once, in any other form member by member: both read the same,
    /// and refuse the same.
    @Test func wordsAreTheSameInEveryForm() throws {
        var generator = SystemRandomNumberGenerator()
        func outcome(_ list: [UInt8]) -> TimedWords?? {
            let line =
                Array(#"{"audio_filepath":"a","pred_text":"A","word_timestamps":"#.utf8) + list
                + Array(#","status":"transcribed"}"#.utf8)
            return line.withUnsafeBytes { line in
                guard
                    case .segments(let segments)? = try? RecordReader(readsWords: true)
                        .read(line, lineNumber: 1)
                else { return nil }
                return .some(segments[0].words)
            }
        }
        let texts = [
            "A", "it's", "é", "東京", "a b", "\u{1F600}", "LONGER THAN FIFTEEN BYTES", "\\\"",
            "\u{A0}",
        ]
        var differing = 0
        for _ in 0..<2_000 {
            let words = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                let start = Int.random(in: 0..<90_000_000, using: &generator)
                return
                    #"{"word":"\#(texts.randomElement(using: &generator) ?? "")","start_offset":\#(start / 20),"#
                    + #""end_offset":\#(start / 20 + 7),"start":\#(Double(start) / 1000),"#
                    + #""end":\#(Double(start + 140) / 1000),"confidence":0.\#(1_000 + start % 9_000)}"#
            }
            var list = Array(("[" + words.joined(separator: ",") + "]").utf8)
            if Bool.random(using: &generator), list.count > 2 {
                let place = Int.random(in: 1..<list.count - 1, using: &generator)
                list[place] =
                    [0x20, 0x22, 0x2E, 0x30, 0x39, 0x7D, 0x2C, 0xFF].randomElement(
                        using: &generator) ?? 0
            }
            // A space after the bracket is not the written form.
            let other = [list[0], 0x20] + list.dropFirst()
            let (one, two) = (outcome(list), outcome(other))
            #expect(one == two, "\(String(decoding: list, as: UTF8.self))")
            if one == nil { differing += 1 }
        }
        #expect(differing > 100, "damage was tried too")
    }

    /// Formats that repeat the list copy it, and give the bytes of one that was read and written again.
    @Test func aCopiedListIsTheOneThatWouldBeWritten() throws {
        func words(_ list: String, copied: Bool) throws -> TranscriptSegment {
            let line = #"{"audio_filepath":"a","pred_text":"A","word_timestamps":\#(list)}"#
            let reading = try Array(line.utf8).withUnsafeBytes {
                try RecordReader(readsWords: true, copiesLists: copied).read($0, lineNumber: 1)
            }
            guard case .segments(let segments) = reading else {
                throw ExportError(.invalidRecord, "no segment")
            }
            return segments[0]
        }
        func item(
            _ text: String, _ frames: String = "7", _ start: String = "0.140",
            _ end: String = "1.000", _ confidence: String = "0.9312"
        ) -> String {
            #"{"word":"\#(text)","start_offset":\#(frames),"end_offset":50,"start":\#(start),"#
                + #""end":\#(end),"confidence":\#(confidence)}"#
        }
        let copied = [
            item("A"), item("東京"), item("it's", "0", "0.000", "123.456", "1.0000"),
            item("A", "123456789012345", "86400.000", "86400.001", "0.0000"),
        ]
        let rendered = [
            item("A", "007"), item("A", "7", "0.14"), item("A", "7", "00.140"),
            item("A", "7", "0"), item("A", "7", "0.140", "1.0"),
            item("A", "7", "0.140", "1.0004"), item("A", "7", "0.140", "1.000", "1"),
            item("A", "7", "0.140", "1.000", "0.93124"), item("\\u0041"), item("\\\""),
            #"{"word":"A","start":0.140,"end":1.000}"#,
        ]
        for one in copied + rendered {
            for list in ["[\(one)]", "[\(item("B")),\(one)]"] {
                let fast = try words(list, copied: true)
                let slow = try words(list, copied: false)
                #expect(fast.wordList ?? fast.words?.nemoItems == slow.words?.nemoItems, "\(list)")
                #expect(fast.duration == slow.duration, "\(list)")
                #expect((fast.wordList != nil) == copied.contains(one), "\(list)")
            }
        }
        // What is no list of words is refused either way.
        #expect(throws: ExportError.self) {
            try words("[\(item("A", "7", "2.000", "1.000"))]", copied: true)
        }
        #expect(try words("[]", copied: true).words?.isEmpty == true)
    }

    @Test func charactersAreReadWhereTheyMayBeOfUse() throws {
        func characters(_ text: String) throws -> TimedWords? {
            let line =
                #"{"audio_filepath":"a","pred_text":"\#(text)","char_timestamps":["#
                + #"{"char":"\#(text)","start_offset":1,"end_offset":2,"start":0.020,"end":0.040,"#
                + #""confidence":1.0000}]}"#
            let reading = try Array(line.utf8).withUnsafeBytes {
                try RecordReader(readsWords: true, readsCharacters: true).read($0, lineNumber: 1)
            }
            guard case .segments(let segments) = reading else { return nil }
            return segments[0].characters
        }
        #expect(try characters("か")?.map(\.text) == ["か"])
        #expect(try characters("é") == nil)
    }
}
