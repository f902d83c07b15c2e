import Foundation
import Manifests
import SpeechTypes
import StrictJSON
import Testing

@Suite("How the seconds of a row were spent") struct CoverageContentTests {
    @Test("the parts sum to the duration, whatever the rate was", arguments: [0, 1, 399, 16_001])
    func partsSum(extra: Int) throws {
        for (speech, silence, skipped) in [
            (0, 0, 0), (480_001, 17, 3), (1, 160_003, 7), (5, 5, 999_999),
        ] {
            let samples = speech + silence + skipped + extra
            for seconds in [Double(samples) / 16_000, Double(samples) / 16_000 + 0.00003] {
                let coverage = CoverageContent(
                    speech: speech, silence: silence, skipped: skipped + extra, seconds: seconds)
                #expect(coverage.total == Int((seconds * 1_000_000).rounded()))
                #expect(min(coverage.speech, coverage.silence, coverage.skipped) >= 0)
            }
        }
    }

    private func content(isEachChannel: Bool) -> RecordContent {
        let lanes = (isEachChannel ? ["SO LONG", ""] : ["SO LONG"]).map { text in
            var lane = LaneContent(text: text)
            var segments = TimedItems(.segment)
            if !text.isEmpty {
                segments.append(
                    text, frames: 25..<125, milliseconds: 500..<2_500, confidence: 8_731)
            }
            segments.end()
            lane.segments = segments
            lane.coverage = CoverageContent(
                speech: 24_000, silence: 8_000, skipped: 8_000, seconds: 2.5)
            return lane
        }
        return RecordContent(
            lanes: lanes, shape: RecordShape(isEachChannel: isEachChannel, hasCoverage: true),
            decodedSeconds: 2.5)
    }

    @Test("the record has segments in NeMo's form, and the seconds")
    func record() throws {
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
        #expect(
            String(
                decoding: RecordWriter.transcribed(row, content(isEachChannel: false)),
                as: UTF8.self)
                == #"{"audio_filepath":"a.wav","duration":2.500000,"pred_text":"SO LONG","status":"transcribed","#
                + #""segment_timestamps":[{"segment":"SO LONG","start_offset":25,"end_offset":125,"start":0.500,"end":2.500,"confidence":0.8731}],"#
                + #""coverage":{"speech":1.500000,"silence":0.500000,"skipped":0.500000}}"#)
        let channels = String(
            decoding: RecordWriter.transcribed(row, content(isEachChannel: true)), as: UTF8.self)
        #expect(
            channels.contains(
                #""channels":[{"channel":0,"pred_text":"SO LONG","segment_timestamps":[{"#))
        #expect(channels.components(separatedBy: #""coverage":"#).count == 3)
    }

    @Test("it is copied, byte for byte, into a row that has the same audio")
    func copies() throws {
        for isEachChannel in [false, true] {
            let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
            let content = content(isEachChannel: isEachChannel)
            let record = RecordWriter.transcribed(row, content)
            let object = try #require(try JSONParser.parse(record).object)
            #expect(RecordWriter.transcribed(row, like: object, shape: content.shape) == record)
        }
    }

    @Test("a row's own members of these names stay in jobs that do not look for speech")
    func ownMembers() throws {
        let line = #"{"audio_filepath":"a.wav","coverage":"rural","segment_timestamps":[1]}"#
        let row = try ManifestRow.parse(raw: Array(line.utf8))
        let usual = RecordContent(lanes: [LaneContent(text: "A")], decodedSeconds: 1)
        let kept = String(decoding: RecordWriter.transcribed(row, usual), as: UTF8.self)
        #expect(kept.hasPrefix(String(line.dropLast())))
        let found = String(
            decoding: RecordWriter.transcribed(row, content(isEachChannel: false)), as: UTF8.self)
        #expect(found.contains(#""source_coverage":"rural","source_segment_timestamps":[1]"#))
    }

    @Test("what is not of this form is not read")
    func otherForms() throws {
        let row = try ManifestRow.parse(raw: Array(#"{"audio_filepath":"a.wav"}"#.utf8))
        let content = content(isEachChannel: false)
        let record = String(decoding: RecordWriter.transcribed(row, content), as: UTF8.self)
        for (written, other) in [
            (#""silence":0.500000"#, #""silence":0.5"#), (#""silence":"#, #""quiet":"#),
            (#""skipped":0.500000"#, #""skipped":-0.500000"#),
            (#"{"speech""#, #"{"more":1,"speech""#),
        ] {
            let changed = record.replacing(written, with: other)
            try #require(changed != record)
            let object = try #require(try JSONParser.parse(Array(changed.utf8)).object)
            #expect(RecordWriter.transcribed(row, like: object, shape: content.shape) == nil)
        }
    }
}
