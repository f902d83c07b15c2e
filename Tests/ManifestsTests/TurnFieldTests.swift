import Manifests
import SpeechTypes
import StrictJSON
import Testing

@Suite("Turns and speakers in records") struct TurnFieldTests {
    private func content(hasTurns: Bool) -> RecordContent {
        var lane = LaneContent(text: "SO LONG")
        var words = TimedItems(.word)
        words.append(
            "SO", frames: 5..<9, milliseconds: 100..<180, confidence: 9_000, speaker: "a \"b\"")
        words.append("LONG", frames: 10..<20, milliseconds: 200..<400, confidence: 8_000)
        words.end()
        lane.words = words
        lane.confidence = 8_000
        var content = RecordContent(
            lanes: [lane], shape: RecordShape(timestamps: .word, hasTurns: hasTurns),
            decodedSeconds: 2.5)
        var turns = TimedItems(.turn)
        turns.append(
            "SO LONG", frames: 5..<20, milliseconds: 100..<400, confidence: 8_000, channel: 1,
            speaker: "c")
        turns.end()
        if hasTurns { content.turns = turns }
        return content
    }

    private let line = #"{"audio_filepath":"a.wav","turns":3}"#

    @Test("channel and speaker stand behind an item's confidence, where they are known")
    func record() throws {
        let row = try ManifestRow.parse(raw: Array(line.utf8))
        let record = String(
            decoding: RecordWriter.transcribed(row, content(hasTurns: true)), as: UTF8.self)
        #expect(
            record.contains(
                #""start":0.100,"end":0.180,"confidence":0.9000,"speaker":"a \"b\""},{"word":"LONG","#
            ))
        #expect(
            record.hasSuffix(
                #""turns":[{"turn":"SO LONG","start_offset":5,"end_offset":20,"start":0.100,"end":0.400,"#
                    + #""confidence":0.8000,"channel":1,"speaker":"c"}]}"#))
        #expect(record.contains(#""source_turns":3"#))
    }

    @Test("a row's own member of that name stays in jobs that do not ask for turns")
    func otherJobs() throws {
        let row = try ManifestRow.parse(raw: Array(line.utf8))
        let record = String(
            decoding: RecordWriter.transcribed(row, content(hasTurns: false)), as: UTF8.self)
        #expect(record.hasPrefix(#"{"audio_filepath":"a.wav","turns":3,"#))
    }

    @Test("it is copied, byte for byte, into a row that has the same audio")
    func copies() throws {
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
        let content = content(hasTurns: true)
        let record = RecordWriter.transcribed(row, content)
        let object = try #require(try JSONParser.parse(record).object)
        #expect(RecordWriter.transcribed(row, like: object, shape: content.shape) == record)
    }
}
