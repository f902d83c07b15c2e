import CTCDecoding
import Foundation
import Manifests
import SpeechBoundaries
import SpeechTypes
import StrictJSON
import Testing
import Transcription

@Suite("Who speaks after whom") struct TurnTests {
    private struct Item: Decodable, Equatable {
        var turn: String?
        var word: String?
        var segment: String?
        var channel: Int?
        var speaker: String?
        var start: Int

        private enum CodingKeys: String, CodingKey {
            case turn, word, segment, channel, speaker
            case start = "start_offset"
        }
    }

    private struct Found: Decodable {
        var text: String
        var turns: [Item]?
        var words: [Item]?

        private enum CodingKeys: String, CodingKey {
            case turns
            case text = "pred_text"
            case words = "word_timestamps"
        }
    }

    /// Letters at their frames; a word ends with a bar.
    private func transcript(_ words: [(frame: Int, text: String)]) -> Transcript {
        let vocabulary = Sample.vocabulary
        var decoder = GreedyDecoder(vocabulary: vocabulary)
        var path: [Int] = []
        for (frame, text) in words {
            path += [Int](repeating: vocabulary.blank, count: frame - path.count)
            path += (text + "|").map { letter in Sample.letters.firstIndex(of: String(letter)) ?? 0
            }
        }
        let classes = vocabulary.symbols.count
        let values = path.flatMap { best in
            (0..<classes).map { $0 == best ? Float(0) : Float(-900) }
        }
        decoder.append(
            LogProbabilities(frames: path.count, classes: classes, values: values))
        return decoder.finish()
    }

    private func record(
        _ transcripts: [Transcript], speech: String? = nil,
        change: (inout RecognitionOptions) -> Void
    ) throws -> Found {
        var options = RecognitionOptions()
        options.timestamps = .word
        options.hasTurns = true
        change(&options)
        let recipe = try Sample.recipe { $0 = options }
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
        let ending = RowAssembly.Ending(
            decodedSeconds: 30, audioDigest: [], windowsOfLanes: transcripts.map { _ in 1 })
        let given = try speech.map { try RowSpeech(JSONParser.parse(Array($0.utf8))) }
        let bytes = recipe.record(of: row, transcripts, ending, given)
        // What is written can be read back, as for rows of the same audio.
        let object = try #require(try JSONParser.parse(bytes).object)
        #expect(
            RecordWriter.transcribed(row, like: object, shape: RecordShape(options)) == bytes)
        return try JSONDecoder().decode(Found.self, from: Data(bytes))
    }

    @Test(
        "channels take turns in the order of time, and a yes in between parts nothing that goes on")
    func channels() throws {
        let one = transcript([(0, "ab"), (20, "cd"), (200, "ef")])
        let two = transcript([(10, "a"), (100, "b"), (300, "c")])
        let found = try record([one, two]) { $0.channels = .each }
        #expect(
            found.turns?.map { "\($0.channel ?? -1) \($0.turn ?? "")" } == [
                "0 ab cd", "1 a b", "0 ef", "1 c",
            ])
        #expect(found.turns?.map(\.start) == [0, 10, 200, 300])
        #expect(found.text == "ab cd ef a b c")
    }

    @Test("speakers that boundaries name stand at words, and take turns")
    func speakers() throws {
        let found = try record(
            [transcript([(0, "ab"), (60, "cd"), (120, "ef"), (400, "a")])],
            speech:
                #"[{"start":0,"end":1,"speaker":"ann"},{"start":1.2,"end":2.6,"speaker":"bob"}]"#
        ) { _ in }
        #expect(found.words?.map(\.speaker) == ["ann", "bob", "bob", nil])
        #expect(found.turns?.map(\.turn) == ["ab", "cd ef", "a"])
        #expect(found.turns?.map(\.speaker) == ["ann", "bob", nil])
        #expect(found.turns?.allSatisfy { $0.channel == nil } == true)
    }

    @Test("jobs that do not ask have no turns, and a row's own member stays")
    func otherJobs() throws {
        let found = try record([transcript([(0, "ab")])]) { $0.hasTurns = false }
        #expect(found.turns == nil)
        #expect(RecognitionOptions().fields.allSatisfy { $0.name != "turns" })
    }
}
