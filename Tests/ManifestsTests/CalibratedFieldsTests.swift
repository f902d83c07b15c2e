import Foundation
import Manifests
import SpeechTypes
import StrictJSON
import Testing

@Suite("What records say of the errors to expect") struct CalibratedFieldsTests {
    private func content(isEachChannel: Bool) -> RecordContent {
        let lanes = (isEachChannel ? ["SO LONG", ""] : ["SO LONG"]).map { text in
            var lane = LaneContent(text: text)
            var words = TimedItems(.word)
            if !text.isEmpty {
                words.append(
                    "SO", frames: 12..<30, milliseconds: 240..<600, confidence: 9_312,
                    calibrated: 9_001)
                words.append(
                    "LONG", frames: 36..<52, milliseconds: 720..<1_040, confidence: 8_731,
                    calibrated: 10_000)
                lane.confidence = 8_731
                lane.calibratedConfidence = 9_001
                lane.expectedErrorRate = 412
            }
            words.end()
            lane.words = words
            return lane
        }
        return RecordContent(
            lanes: lanes,
            shape: RecordShape(
                isEachChannel: isEachChannel, timestamps: .word, isCalibrated: true),
            decodedSeconds: 2.5)
    }

    private func record(_ line: String, _ content: RecordContent) throws -> String {
        String(
            decoding: RecordWriter.transcribed(
                try ManifestRow.parse(raw: Array(line.utf8)), content), as: UTF8.self)
    }

    @Test("words have the probability to be right, the record the least of them and its error rate")
    func record() throws {
        #expect(
            try record(#"{"audio_filepath":"a.wav"}"#, content(isEachChannel: false))
                == #"{"audio_filepath":"a.wav","duration":2.500000,"pred_text":"SO LONG","confidence":0.8731,"status":"transcribed","#
                + #""word_timestamps":[{"word":"SO","start_offset":12,"end_offset":30,"start":0.240,"end":0.600,"confidence":0.9312,"calibrated_confidence":0.9001},"#
                + #"{"word":"LONG","start_offset":36,"end_offset":52,"start":0.720,"end":1.040,"confidence":0.8731,"calibrated_confidence":1.0000}],"#
                + #""calibrated_confidence":0.9001,"expected_wer":0.0412}"#)
        let channels = try record(#"{"audio_filepath":"a.wav"}"#, content(isEachChannel: true))
        #expect(channels.components(separatedBy: #""expected_wer":0.0412}"#).count == 2)
        #expect(channels.contains(#"{"channel":1,"pred_text":"","word_timestamps":[]}"#))
    }

    @Test("they are copied, byte for byte, into a row that has the same audio")
    func copies() throws {
        for isEachChannel in [false, true] {
            let content = content(isEachChannel: isEachChannel)
            let first = try record(#"{"audio_filepath":"a.wav"}"#, content)
            let object = try #require(try JSONParser.parse(Array(first.utf8)).object)
            let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
            let copy = try #require(
                RecordWriter.transcribed(row, like: object, shape: content.shape))
            #expect(String(decoding: copy, as: UTF8.self) == first)
        }
    }

    @Test(
        "a row that is an output loses them in every job, and another row's own stay or are renamed"
    )
    func again() throws {
        let output = try record(
            #"{"audio_filepath":"a.wav"}"#, content(isEachChannel: false))
        let plain = RecordContent(lanes: [LaneContent(text: "NEW")], decodedSeconds: 2.5)
        #expect(
            try record(output, plain)
                == #"{"audio_filepath":"a.wav","duration":2.500000,"pred_text":"NEW","status":"transcribed"}"#
        )
        let own = #"{"audio_filepath":"a.wav","expected_wer":"low"}"#
        #expect(try record(own, plain).contains(#""expected_wer":"low""#))
        #expect(
            try record(own, content(isEachChannel: false)).contains(#""source_expected_wer":"low""#)
        )
    }

    @Test(
        "words with anything else than such a probability are none of this program's",
        arguments: [
            #","calibrated_confidence":1.0001"#, #","calibrated_confidence":0.9"#,
            #","calibrated_confidence":null"#, #","sure":0.9001"#,
        ])
    func foreign(member: String) throws {
        let line =
            #"{"audio_filepath":"a.wav","duration":1,"pred_text":"OLD","status":"transcribed","#
            + #""word_timestamps":[{"word":"OLD","start_offset":1,"end_offset":2,"start":0.020,"end":0.040,"confidence":0.5000\#(member)}]}"#
        var content = RecordContent(lanes: [LaneContent(text: "NEW")], decodedSeconds: 1)
        content.shape.timestamps = .word
        // What this program had written would be left out.
        #expect(try record(line, content).contains("source_word_timestamps"))
    }
}
