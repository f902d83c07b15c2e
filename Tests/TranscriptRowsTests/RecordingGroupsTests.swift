import Foundation
import SpeechTypes
import Testing
import TranscriptRows

/// Bringing rows of one recording together, in memory or outside of it.
struct RecordingGroupsTests {
    private func segments(count: Int) -> [TranscriptSegment] {
        var generator = SystemRandomNumberGenerator()
        return (1...count).map { number in
            var segment = TranscriptSegment(
                lineNumber: number,
                audio: PathBytes(
                    "d\(Int.random(in: 0..<3, using: &generator))/r\(Int.random(in: 0..<20, using: &generator)).wav"
                ),
                start: MediaTime(milliseconds: Int.random(in: 0..<9_000, using: &generator)),
                duration: MediaTime(milliseconds: 10), text: "TEXT \(number)",
                words: number % 3 == 0
                    ? nil
                    : [
                        TimedWord(
                            text: "é\(number)", start: .zero,
                            end: MediaTime(nanoseconds: number), confidence: number % 5,
                            startFrame: 0, endFrame: nil)
                    ])
            segment.speaker = number % 2 == 0 ? "s" : nil
            segment.channel = number % 4 == 0 ? nil : number % 4
            return segment
        }
    }

    private func grouped(
        _ segments: [TranscriptSegment], memoryBytesMax: Int
    ) throws -> [TranscribedRecording] {
        let groups = RecordingGroups(
            in: FileManager.default.temporaryDirectory.path, memoryBytesMax: memoryBytesMax)
        for segment in segments { try groups.add(segment) }
        var recordings: [TranscribedRecording] = []
        try groups.forEach { recordings.append($0) }
        return recordings
    }

    @Test func everySegmentComesOnceAndWhole() throws {
        let segments = segments(count: 3_000)
        let recordings = try grouped(segments, memoryBytesMax: 1 << 30)
        var found = recordings.flatMap(\.segments)
        for index in found.indices { found[index].id = "" }
        #expect(found.sorted { $0.lineNumber < $1.lineNumber } == segments)
        #expect(Set(recordings.map(\.audio)).count == recordings.count)
        #expect(Set(recordings.map(\.id)).count == recordings.count)
        #expect(Set(recordings.map(\.outputPath)).count == recordings.count)
        for recording in recordings {
            #expect(recording.segments.allSatisfy { $0.audio == recording.audio })
            let starts = recording.segments.map(\.start)
            #expect(starts == starts.sorted())
        }
    }

    /// Runs so small that hundreds of them are merged, and merged again.
    @Test func whatDoesNotFitIntoMemoryComesInTheSameOrder() throws {
        let segments = segments(count: 3_000)
        let inMemory = try grouped(segments, memoryBytesMax: 1 << 30)
        let outside = try grouped(segments, memoryBytesMax: 2_000)
        #expect(inMemory.map(\.id) == outside.map(\.id))
        #expect(inMemory.map(\.segments) == outside.map(\.segments))
    }

    @Test func recordingsOfOneNameHaveIDsOfTheirOwn() throws {
        func segment(_ path: String) -> TranscriptSegment {
            TranscriptSegment(
                lineNumber: 1, audio: PathBytes(path), start: .zero, duration: .zero, text: "")
        }
        let recordings = try grouped(
            ["a/x.wav", "b/x.wav", "x.wav", "y.wav", "./y.wav"].map(segment),
            memoryBytesMax: 1 << 20)
        #expect(
            Set(recordings.map(\.id)) == [
                "x@./x.wav", "x@a/x.wav", "x@b/x.wav", "y@./y.wav", "y@./y.wav~2",
            ])
        #expect(
            Set(recordings.map(\.outputPath)) == ["x", "a/x", "b/x", "y.wav", "y.wav~2"])
    }

    @Test func namesThatAreNoTextAreToldApart() throws {
        let recordings = try grouped(
            [[0xE9], [0xE8]].map {
                TranscriptSegment(
                    lineNumber: 1, audio: PathBytes(bytes: $0 + Array(".wav".utf8)), start: .zero,
                    duration: .zero, text: "")
            }, memoryBytesMax: 1 << 20)
        #expect(recordings.map(\.outputPath) == ["%E8", "%E9"])
    }
}
