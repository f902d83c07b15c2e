import Manifests
import SpeechTypes
import StrictJSON
import Testing

@Suite("The language of a row in its record") struct LanguageFieldTests {
    private func content(hasLanguages: Bool) -> RecordContent {
        var content = RecordContent(
            lanes: [LaneContent(text: "SO")], shape: RecordShape(hasLanguages: hasLanguages),
            decodedSeconds: 2.5)
        if hasLanguages { content.language = "deu" }
        return content
    }

    private let line = #"{"audio_filepath":"a.wav","model_language":3}"#

    @Test("it is the last field, and a row's own member of that name gives way")
    func record() throws {
        let row = try ManifestRow.parse(raw: Array(line.utf8))
        let bytes = RecordWriter.transcribed(row, content(hasLanguages: true))
        let record = String(decoding: bytes, as: UTF8.self)
        #expect(record.hasSuffix(#""status":"transcribed","model_language":"deu"}"#))
        #expect(record.contains(#""source_model_language":3"#))
        let object = try #require(try JSONParser.parse(bytes).object)
        let shape = RecordShape(hasLanguages: true)
        #expect(RecordWriter.transcribed(row, like: object, shape: shape) == bytes)
    }

    @Test("jobs that do not ask for it leave a row's own member where it is")
    func otherJobs() throws {
        let row = try ManifestRow.parse(raw: Array(line.utf8))
        let record = String(
            decoding: RecordWriter.transcribed(row, content(hasLanguages: false)), as: UTF8.self)
        #expect(record.hasPrefix(#"{"audio_filepath":"a.wav","model_language":3,"#))
        #expect(record.hasSuffix(#""status":"transcribed"}"#))
    }

    @Test("a record without it is none of a job that asks for it")
    func missing() throws {
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
        let bytes = RecordWriter.transcribed(row, content(hasLanguages: false))
        let object = try #require(try JSONParser.parse(bytes).object)
        let shape = RecordShape(hasLanguages: true)
        #expect(RecordWriter.transcribed(row, like: object, shape: shape) == nil)
    }
}
