import Foundation
import Testing
import VoiceActivity

@Suite("Probabilities to stretches of speech")
struct SpeechSegmenterTests {
    @Test("stretches are those of Silero's package, on its own recordings")
    func agreesOnRecordings() throws {
        let network = try SileroFixture.network()
        let fixture = try SileroFixture.shared.get()
        var found = 0
        for recording in fixture.cases {
            let probabilities = SpeechDetectorTests.probabilities(network, recording.samples)
            var segmenter = SpeechSegmenter()
            let segments =
                segmenter.append(probabilities)
                + segmenter.finish(samples: recording.samples.count)
            #expect(segments == recording.segments, "\(recording.name)")
            found += segments.count
        }
        #expect(found == 10)
    }

    @Test("stretches are those of Silero's package, with any settings")
    func agreesOnChapter() throws {
        let fixture = try SileroFixture.shared.get()
        #expect(fixture.chapterAnswers.count == 11)
        for answer in fixture.chapterAnswers {
            var segmenter = SpeechSegmenter(answer.settings)
            let segments =
                segmenter.append(fixture.chapter)
                + segmenter.finish(samples: fixture.chapterSamples)
            #expect(segments == answer.segments, "\(answer.settings)")
            #expect(!segments.isEmpty)
        }
    }

    @Test("a stretch comes as soon as it is certain, and never before the frontier")
    func isStream() throws {
        let fixture = try SileroFixture.shared.get()
        for answer in fixture.chapterAnswers {
            var segmenter = SpeechSegmenter(answer.settings)
            var segments: [Range<Int>] = []
            for (frame, probability) in fixture.chapter.enumerated() {
                let frontier = segmenter.frontier
                let given = segmenter.append(CollectionOfOne(probability))
                #expect(given.allSatisfy { $0.lowerBound >= frontier })
                #expect(segmenter.frontier >= frontier)
                #expect(given.allSatisfy { $0.upperBound <= (frame + 1) * 512 })
                segments += given
            }
            // What has ended long ago is not kept back.
            #expect(answer.segments.count - segments.count <= 2)
            segments += segmenter.finish(samples: fixture.chapterSamples)
            #expect(segments == answer.segments)
        }
    }

    @Test("speech without any pause is cut at its maximum length")
    func endlessSpeechIsCut() {
        var settings = SpeechSegmentSettings()
        settings.maximumSpeechSeconds = 10
        var segmenter = SpeechSegmenter(settings)
        var longest = 0
        var total = 0
        for _ in 0..<20 {
            for segment in segmenter.append([Float](repeating: 0.99, count: 500)) {
                longest = max(longest, segment.count)
                total += segment.count
            }
        }
        for segment in segmenter.finish(samples: 20 * 500 * 512) { total += segment.count }
        #expect(longest <= 160_000)
        // One frame between two of them is lost to the rule that speech begins anew.
        #expect(Double(total) > 0.99 * Double(20 * 500 * 512))
    }
}
