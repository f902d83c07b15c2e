import Manifests
import SpeechTypes
import StrictJSON
import Testing

/// What records say of texts and their audio.
@Suite("Alignments in records") struct AlignmentContentTests {
    private let alignment = TextAlignment(
        score: 0.93119,
        items: [
            .init(state: .aligned, frames: 7..<205, text: "“Five,” he said", score: 0.97137),
            .init(state: .missing, frames: 205..<205, text: "— \"quoted\" —", score: nil),
            .init(state: .extra, frames: 251..<365, text: "UM", score: nil),
        ],
        segments: [
            .init(
                frames: 3..<209, text: "“Five,” he said", alignedText: "FIVE HE SAID", score: 1,
                leastMeanLogProbability: -0.19834, isWhole: true),
            .init(
                frames: 400..<401, text: "SO", alignedText: "SO", score: 0,
                leastMeanLogProbability: 0, isWhole: false),
        ],
        originals: ["“Five,”", "he", "said"])

    private func record(_ shape: RecordShape, row line: String) throws -> [UInt8] {
        var content = RecordContent(
            lanes: [LaneContent(text: "FIVE HE SAID")], shape: shape, decodedSeconds: 8)
        if shape.isAligned {
            content.alignment = AlignmentContent(alignment, milliseconds: { $0 * 20 })
        }
        return RecordWriter.transcribed(
            try ManifestRow.parse(raw: Array(line.utf8)), content)
    }

    @Test("a record says which words have audio, and where training data is cut")
    func bytes() throws {
        let record = try record(RecordShape(isAligned: true), row: #"{"audio_filepath":"a.wav"}"#)
        let expected = [
            #""alignment":{"score":0.9312,"items":[{"state":"aligned","start":0.140,"end":4.100,"#,
            #""score":0.9714,"text":"“Five,” he said"},{"state":"missing","start":4.100,"#,
            #""end":4.100,"text":"— \"quoted\" —"},{"state":"extra","start":5.020,"end":7.300,"#,
            #""text":"UM"}],"segments":[{"start":0.060,"end":4.180,"score":1.0000,"#,
            #""min_log_prob":-0.1983,"whole":true,"text":"“Five,” he said","#,
            #""aligned_text":"FIVE HE SAID"},{"start":8.000,"end":8.020,"score":0.0000,"#,
            #""min_log_prob":0.0000,"whole":false,"text":"SO"}],"#,
            #""words":["“Five,”","he","said"]}"#,
        ].joined()
        #expect(String(decoding: record, as: UTF8.self).contains(expected))
    }

    @Test("what is read from a record is written again byte for byte")
    func reading() throws {
        let line = #"{"audio_filepath":"a.wav","alignment":7}"#
        let shape = RecordShape(isAligned: true)
        let bytes = try record(shape, row: line)
        let row = try ManifestRow.parse(raw: Array(line.utf8))
        let object = try #require(try JSONParser.parse(bytes).object)
        #expect(object["source_alignment"]?.int == 7)
        #expect(RecordWriter.transcribed(row, like: object, shape: shape) == bytes)
        var changed = String(decoding: bytes, as: UTF8.self)
        changed.replace("\"state\":\"extra\"", with: "\"state\":\"other\"")
        let other = try #require(try JSONParser.parse(Array(changed.utf8)).object)
        #expect(RecordWriter.transcribed(row, like: other, shape: shape) == nil)
    }

    @Test("rows that cannot be aligned say so in words that never change")
    func failures() {
        let messages: [(FailureCode, String)] = [
            (.textNotFound, "the row has no text to align, or its file cannot be read"),
            (.textUnspellable, "the text has characters that the model has no symbols for"),
            (.textTooLong, "the text has more letters than the audio has frames"),
            (.textTooLarge, "text and recording are too long to be aligned exactly"),
            (.audioCommandFailed, "the command that writes the audio failed"),
            (.hotwordsUnusable, "the row's hotwords are not phrases with weights"),
            (.segmentsUnusable, "the row's segments are no stretches of its audio"),
            (.languageUnknown, "the row names no language that the model has"),
            (.logitsNotFound, "the file of log-probabilities does not exist or cannot be read"),
            (.logitsUnusable, "the file does not hold log-probabilities of this alphabet"),
        ]
        for (code, message) in messages {
            let record = RecordWriter.failed(
                raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8), lineNumber: 1, code: code)
            let error = "\"error\":{\"code\":\"\(code.rawValue)\",\"message\":\"\(message)\"}}"
            #expect(String(decoding: record, as: UTF8.self).hasSuffix(error))
        }
    }

    @Test("a row that is an aligned output loses its alignment in a job that transcribes")
    func outputs() throws {
        let first = try record(RecordShape(isAligned: true), row: #"{"audio_filepath":"a.wav"}"#)
        let again = try record(RecordShape(), row: String(decoding: first, as: UTF8.self))
        #expect(!String(decoding: again, as: UTF8.self).contains("alignment"))
    }
}
