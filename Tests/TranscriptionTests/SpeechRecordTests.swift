import Foundation
import Manifests
import SpeechTypes
import Synchronization
import Testing
import Transcription
import VoiceActivity
import WindowCutting

@Suite("Records of windows around speech")
struct SpeechRecordTests {
    private struct Skipped: Error {}

    /// The record of a row whose windows own these texts, each after so many frames that none has.
    private func record(
        _ windows: [(skipped: Int, text: String)], atEnd: Int,
        change: (inout RecognitionOptions) -> Void = { _ in }
    ) throws -> [String: Any] {
        let events = Events()
        let recipe = try Sample.recipe { options in
            options.chunking = .speech
            change(&options)
        }
        let row = try Sample.row(0, recipe, events)
        let stage = DecodeStage(waitingFramesMax: 1_000, progress: EngineProgress())
        try stage.start(threads: 1)
        var coverage = LaneCoverage()
        for (index, (skipped, text)) in windows.enumerated() {
            var window = Sample.window(index, frames: text.count)
            window.framesSkipped = skipped
            coverage.add(window)
            stage.add(Sample.frames(text), of: window, row: row, lane: 0)
        }
        let frames = windows.reduce(atEnd) { $0 + $1.skipped + $1.text.count }
        coverage.samples.speech = 320 * windows.reduce(0) { $0 + $1.text.count }
        coverage.samples.skipped =
            FrameClock.wav2vec2.samples(ofFrames: frames) - coverage.samples.speech
        stage.end(
            row,
            .init(
                decodedSeconds: Double(coverage.samples.total) / 16_000, audioDigest: [1],
                windowsOfLanes: [windows.count], coverage: [coverage]))
        stage.finish()
        for case .finished(let row) in events.all {
            let json = try JSONSerialization.jsonObject(with: Data(row.record))
            return try #require(json as? [String: Any])
        }
        throw Skipped()
    }

    @Test("words of two windows stay two words, and times count from the lane's start")
    func wordsAndTimes() throws {
        let record = try record([(100, "ab_c"), (50, "def|a")], atEnd: 20) { $0.timestamps = .word }
        #expect(record["pred_text"] as? String == "abc def a")
        let words = try #require(record["word_timestamps"] as? [[String: Any]])
        #expect(words.map { $0["start_offset"] as? Int } == [100, 154, 158])
        let segments = try #require(record["segment_timestamps"] as? [[String: Any]])
        #expect(segments.map { $0["segment"] as? String } == ["abc", "def a"])
        #expect(segments.map { $0["start_offset"] as? Int } == [100, 154])
        #expect(segments.map { $0["end_offset"] as? Int } == [104, 159])
        #expect(segments.map { $0["start"] as? Double } == [2, 3.08])
        let coverage = try #require(record["coverage"] as? [String: Double])
        #expect(abs((coverage["speech"] ?? 0) - 0.18) < 1e-9)
        let sum = coverage.values.reduce(0, +)
        #expect(abs(sum - (record["duration"] as? Double ?? 0)) < 1e-9)
    }

    @Test("windows that follow each other are one stream: a word may reach across the cut")
    func cutsAreOneStream() throws {
        let record = try record([(10, "ab"), (0, "cd|e")], atEnd: 0)
        #expect(record["pred_text"] as? String == "abcd e")
        let segments = try #require(record["segment_timestamps"] as? [[String: Any]])
        #expect(segments.map { $0["segment"] as? String } == ["abcd", "e"])
        #expect(record["word_timestamps"] == nil)
    }

    @Test("a recording without speech has a record, and all of it is skipped")
    func nothingSpoken() throws {
        let record = try record([], atEnd: 5_000)
        #expect(record["pred_text"] as? String == "")
        #expect(record["status"] as? String == "transcribed")
        #expect((record["segment_timestamps"] as? [Any])?.isEmpty == true)
        let coverage = try #require(record["coverage"] as? [String: Double])
        #expect(coverage["speech"] == 0)
        #expect(coverage["skipped"] == record["duration"] as? Double)
    }

    @Test("a window without a word is no segment")
    func windowsWithoutWords() throws {
        let record = try record([(5, "___"), (9, "a")], atEnd: 3)
        let segments = try #require(record["segment_timestamps"] as? [[String: Any]])
        #expect(segments.map { $0["segment"] as? String } == ["a"])
    }

    @Test("records of other jobs know nothing of it")
    func otherJobs() throws {
        let record = try record([(0, "ab")], atEnd: 0) { $0.chunking = .grid }
        #expect(record["pred_text"] as? String == "ab")
        #expect(record["coverage"] == nil && record["segment_timestamps"] == nil)
    }
}
