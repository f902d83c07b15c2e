import CTCDecoding
import Foundation
import Manifests
import SpeechTypes
import Testing
import Transcription

@Suite("Times in records") struct RecordTimesTests {
    private func transcript(
        _ vocabulary: Vocabulary, _ path: [Int], startingAt frame: Int = 0
    ) -> Transcript {
        var decoder = GreedyDecoder(vocabulary: vocabulary)
        let classes = vocabulary.symbols.count
        let blanks = [Int](repeating: vocabulary.blank, count: frame)
        // All of the probability in one class: sure of everything.
        let values = (blanks + path).flatMap { best in
            (0..<classes).map { $0 == best ? Float(0) : Float(-900) }
        }
        decoder.append(
            LogProbabilities(frames: frame + path.count, classes: classes, values: values))
        return decoder.finish()
    }

    private func record(
        _ transcripts: [Transcript], _ vocabulary: Vocabulary, bytesMax: Int = 1 << 20,
        change: (inout RecognitionOptions) -> Void
    ) throws -> String {
        var options = RecognitionOptions()
        change(&options)
        let recipe = RecordRecipe(
            vocabulary: vocabulary, options: options,
            decoders: try DecoderList.configure(.greedy)(vocabulary, DecoderArtefacts()),
            bytesMax: bytesMax)
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
        let ending = RowAssembly.Ending(
            decodedSeconds: 3, audioDigest: [],
            windowsOfLanes: transcripts.map { _ in 1 })
        return String(decoding: recipe.record(of: row, transcripts, ending), as: UTF8.self)
    }

    private let plain = #"{"audio_filepath":"a.wav","duration":3.000000,"pred_text":"#

    @Test("pieces that are bytes make one character together, from the first one's frame on")
    func bytes() throws {
        let vocabulary = Vocabulary(
            symbols: ["_", " ", "a", "<0xC3>", "<0xA4>", "<0x20>", "b"], blank: 0,
            wordDelimiter: nil, rules: TextRules(assembly: .pieces))
        let read = transcript(vocabulary, [2, 3, 3, 0, 4, 6, 5, 3, 4, 1, 3, 6])
        #expect(read.text == "aäb ä \u{FFFD}b")
        #expect(read.words.map { read.frames(of: $0) } == [0..<6, 7..<9, 10..<12])
        let line = try record([read], vocabulary) { $0.timestamps = .char }
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let items = try #require(object?["char_timestamps"] as? [[String: Any]])
        #expect(
            items.map { $0["char"] as? String } == ["a", "ä", "b", "ä", "\u{FFFD}", "b"])
        #expect(items.map { $0["start_offset"] as? Int } == [0, 1, 5, 7, 10, 11])
        #expect(items.map { $0["end_offset"] as? Int } == [1, 5, 6, 9, 11, 12])
    }

    @Test("words and characters have offsets in frames, seconds and a confidence")
    func bothLevels() throws {
        let transcript = transcript(Sample.vocabulary, [0, 1, 1, 0, 2, 7, 7, 3, 0])
        #expect(
            try record([transcript], Sample.vocabulary) { $0.timestamps = .none }
                == plain + #""ab c","status":"transcribed"}"#)
        let words =
            plain + #""ab c","confidence":1.0000,"status":"transcribed","word_timestamps":["#
            + #"{"word":"ab","start_offset":1,"end_offset":5,"start":0.020,"end":0.100,"confidence":1.0000},"#
            + #"{"word":"c","start_offset":7,"end_offset":8,"start":0.140,"end":0.160,"confidence":1.0000}]"#
        #expect(
            try record([transcript], Sample.vocabulary) { $0.timestamps = .word } == words + "}")
        #expect(
            try record([transcript], Sample.vocabulary) { $0.timestamps = .char }
                == words + #","char_timestamps":["#
                + #"{"char":"a","start_offset":1,"end_offset":3,"start":0.020,"end":0.060,"confidence":1.0000},"#
                + #"{"char":"b","start_offset":4,"end_offset":5,"start":0.080,"end":0.100,"confidence":1.0000},"#
                + #"{"char":"c","start_offset":7,"end_offset":8,"start":0.140,"end":0.160,"confidence":1.0000}]}"#
        )
    }

    @Test("a row in which nothing was said has no words and no confidence")
    func silence() throws {
        let transcript = transcript(Sample.vocabulary, [0, 0, 7, 0])
        #expect(
            try record([transcript], Sample.vocabulary) { $0.timestamps = .char }
                == plain + #""","status":"transcribed","word_timestamps":[],"char_timestamps":[]}"#)
    }

    @Test("each channel has the times of its own transcript")
    func channels() throws {
        let transcripts = [transcript(Sample.vocabulary, [1]), transcript(Sample.vocabulary, [0])]
        #expect(
            try record(transcripts, Sample.vocabulary) {
                $0.timestamps = .word
                $0.channels = .each
            }
                == plain + #""a","channels":[{"channel":0,"pred_text":"a","confidence":1.0000,"#
                + #""word_timestamps":[{"word":"a","start_offset":0,"end_offset":1,"start":0.000,"end":0.020,"confidence":1.0000}]},"#
                + #"{"channel":1,"pred_text":"","word_timestamps":[]}],"status":"transcribed"}"#)
    }

    @Test(
        "symbols of several scalars, capitals, specials, other blanks and a missing delimiter behave"
    )
    func vocabularies() throws {
        let kana = Vocabulary(symbols: ["きゃ", "か", "x"], blank: 2, wordDelimiter: nil)
        #expect(
            try record([transcript(kana, [0, 0, 2, 1])], kana) { $0.timestamps = .char }
                == plain + #""きゃか","confidence":1.0000,"status":"transcribed","word_timestamps":["#
                + #"{"word":"きゃか","start_offset":0,"end_offset":4,"start":0.000,"end":0.080,"confidence":1.0000}],"#
                + #""char_timestamps":["#
                + #"{"char":"きゃ","start_offset":0,"end_offset":2,"start":0.000,"end":0.040,"confidence":1.0000},"#
                + #"{"char":"か","start_offset":3,"end_offset":4,"start":0.060,"end":0.080,"confidence":1.0000}]}"#
        )
        let lower = Vocabulary(
            symbols: ["<pad>", "<unk>", "TH", "E", "|"], blank: 0, wordDelimiter: 4,
            specials: [0, 1], rules: TextRules(assembly: .letters, isLowercasing: true))
        #expect(
            try record([transcript(lower, [2, 1, 3, 4, 1, 4, 3])], lower) { $0.timestamps = .char }
                == plain
                + #""the e","confidence":1.0000,"status":"transcribed","word_timestamps":["#
                + #"{"word":"the","start_offset":0,"end_offset":3,"start":0.000,"end":0.060,"confidence":1.0000},"#
                + #"{"word":"e","start_offset":6,"end_offset":7,"start":0.120,"end":0.140,"confidence":1.0000}],"#
                + #""char_timestamps":["#
                + #"{"char":"th","start_offset":0,"end_offset":1,"start":0.000,"end":0.020,"confidence":1.0000},"#
                + #"{"char":"e","start_offset":2,"end_offset":3,"start":0.040,"end":0.060,"confidence":1.0000},"#
                + #"{"char":"e","start_offset":6,"end_offset":7,"start":0.120,"end":0.140,"confidence":1.0000}]}"#
        )
    }

    @Test("the last word of a day is at its frame, and its second follows from samples")
    func aDay() throws {
        let last = 24 * 3_600 * 50 - 1
        let symbol = Transcript.Symbol(index: 1, frames: last..<last + 1, score: 0)
        let transcript = Transcript(
            text: "a", symbols: [symbol], words: [.init(utf8: 0..<1, symbols: 0..<1)])
        let text = try record([transcript], Sample.vocabulary) { $0.timestamps = .word }
        #expect(
            text.contains(
                #""start_offset":4319999,"end_offset":4320000,"start":86399.980,"end":86400.000,"#))
    }

    @Test(
        "of a record that would be too long characters go first, then words, and the record says so"
    )
    func tooLong() throws {
        let transcript = transcript(Sample.vocabulary, [1, 2, 3, 7, 1, 2, 3])
        func record(_ bytesMax: Int) throws -> String {
            try self.record([transcript], Sample.vocabulary, bytesMax: bytesMax) {
                $0.timestamps = .char
            }
        }
        let whole = try record(1 << 20)
        #expect(try record(whole.utf8.count) == whole)
        let start = plain + #""abc abc","confidence":1.0000,"status":"transcribed","#
        let words = try record(whole.utf8.count - 1)
        #expect(words.hasPrefix(start + #""timestamps_omitted":"char","word_timestamps":[{"#))
        #expect(!words.contains("char_timestamps"))
        #expect(try record(words.utf8.count) == words)
        let none = start + #""timestamps_omitted":"word"}"#
        #expect(try record(words.utf8.count - 1) == none)
        #expect(try record(1) == none)
    }

    @Test(
        "where even that is too long, what is said of text and audio goes too, with times or without"
    )
    func tooLongAlignment() throws {
        var aligned = transcript(Sample.vocabulary, [1, 2, 3])
        aligned.alignment = TextAlignment(
            score: 0.5,
            items: [.init(state: .aligned, frames: 0..<3, text: "abc", score: 0.5)])
        func record(_ bytesMax: Int, _ timestamps: RecognitionOptions.Timestamps) throws -> String {
            try self.record([aligned], Sample.vocabulary, bytesMax: bytesMax) {
                $0.timestamps = timestamps
                $0.alignment = TextAlignmentOptions()
            }
        }
        let start = plain + #""abc","confidence":1.0000,"status":"transcribed","#
        let whole = try record(1 << 20, .char)
        #expect(whole.contains(#""char_timestamps":["#) && whole.contains(#""alignment":{"#))
        #expect(try record(whole.utf8.count, .char) == whole)
        let withoutTimes = try record(300, .char)
        #expect(withoutTimes.hasPrefix(start + #""timestamps_omitted":"word","alignment":{"#))
        #expect(try record(withoutTimes.utf8.count, .char) == withoutTimes)
        #expect(
            try record(withoutTimes.utf8.count - 1, .char)
                == start + #""timestamps_omitted":"alignment"}"#)
        #expect(
            try record(1, .none)
                == plain + #""abc","status":"transcribed","timestamps_omitted":"alignment"}"#)
        #expect(try record(1 << 20, .none).contains(#""alignment":{"#))
    }

    @Test("characters are not tried where the times of their words are too long already")
    func charactersOfWordsThatAreTooLong() throws {
        // A symbol that no character is of: its word has times, and none of its characters has.
        let vocabulary = Vocabulary(symbols: ["<pad>", "\u{2003}"], blank: 0, wordDelimiter: nil)
        let symbols = [Transcript.Symbol(index: 1, frames: 0..<1, score: 0)]
        let odd = Transcript(
            text: "odd", symbols: symbols, words: [.init(utf8: 0..<3, symbols: 0..<1)])
        let text = try record([odd], vocabulary, bytesMax: 50) { $0.timestamps = .char }
        #expect(text.hasSuffix(#""timestamps_omitted":"word"}"#), "\(text)")
        #expect(!text.contains("char_timestamps"))
    }

    @Test("a word takes 110 bytes at most besides its text, at the end of a day too")
    func bytesOfWord() {
        var items = TimedItems(.word)
        items.append(
            "", frames: 4_319_998..<4_320_000, milliseconds: 86_399_960..<86_400_000,
            confidence: 10_000)
        let one = items.json.count
        items.append(
            "", frames: 4_319_998..<4_320_000, milliseconds: 86_399_960..<86_400_000,
            confidence: 10_000)
        #expect(items.json.count - one <= 110)
    }
}
