import Checkpoints
import Foundation
import RecordingPictures
import SpeechTypes
import TemporaryFolders
import Testing
import TimelineReading
import TranscriptRows
import VoiceActivity

@Suite("The clock of a picture")
struct ClockTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func network() throws -> SpeechNetwork {
        try SpeechNetwork(
            FileBytes(
                mapping: root.appending(
                    path: "models/\(SpeechNetwork.folderName)/\(SpeechNetwork.fileName)"
                ).path))
    }

    /// The samples of a sound: 16 bits with a header of 44 bytes.
    private static func recording(_ name: String) throws -> [UInt8] {
        let path = root.appending(path: "Tests/Fixtures/voice-activity/\(name).wav")
        return Array([UInt8](try Data(contentsOf: path)).dropFirst(44))
    }

    /// A mono recording at 16 kHz of samples of 16 bits.
    private static func wave(_ samples: [UInt8]) -> Data {
        func little(_ value: Int, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var bytes = Array("RIFF".utf8) + little(36 + samples.count, 4) + Array("WAVEfmt ".utf8)
        bytes += little(16, 4) + little(1, 2) + little(1, 2) + little(16_000, 4)
        bytes += little(32_000, 4) + little(2, 2) + little(16, 2) + Array("data".utf8)
        return Data(bytes + little(samples.count, 4) + samples)
    }

    private static func segment(_ audio: String, words: [TimedWord]?) -> TranscriptSegment {
        TranscriptSegment(
            lineNumber: 1, audio: PathBytes(audio), start: .zero, duration: .zero, text: "",
            words: words.map { TimedWords($0) })
    }

    /// A word whose time is that of its frame, in whole milliseconds as records have it.
    private static func word(_ frame: Int?, milliseconds: Int) -> TimedWord {
        let start = MediaTime(milliseconds: milliseconds)
        return TimedWord(text: "WORD", start: start, end: start, startFrame: frame)
    }

    private static func windows(
        of samples: [UInt8], _ chunking: RecognitionOptions.Chunking, _ clock: FrameClock
    ) throws -> [RecordingTimeline.Window] {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.wav", wave(samples))
        var reader = TimelineReader(try network())
        reader.chunking = chunking
        reader.clock = clock
        let timeline = try reader.read(
            PathBytes(path), [segment(path, words: nil)], drawn: [0])
        return try #require(timeline?.lanes.first).windows
    }

    private static func clock(_ step: Int) throws -> FrameClock {
        try #require(FrameClock(samplesPerFrame: step, receptiveField: step + step / 4))
    }

    @Test(
        "the last word that has a frame tells it",
        arguments: [(20, 320), (40, 640), (80, 1_280)])
    func told(milliseconds: Int, step: Int) throws {
        let words = [
            Self.word(0, milliseconds: 0), Self.word(3, milliseconds: 3 * milliseconds),
            Self.word(99, milliseconds: 99 * milliseconds), Self.word(nil, milliseconds: 9_999),
        ]
        let silent = Self.segment("a.wav", words: [Self.word(0, milliseconds: 0)])
        let expected = try Self.clock(step)
        #expect(FrameClock(ofWords: [silent, Self.segment("a.wav", words: words)]) == expected)
        #expect(FrameClock(ofWords: [silent, Self.segment("a.wav", words: nil)]) == nil)
        // Rounded milliseconds may give what is no model's: chunks of 30 s are no whole frames of it.
        let odd = Self.segment("a.wav", words: [Self.word(7, milliseconds: 263)])
        #expect(FrameClock(ofWords: [odd]) == nil)
    }

    @Test("the windows of a grid end where the model's last frame does")
    func grid() throws {
        // 70.05 s: 480,000 samples a window, whatever the clock, and a last one of whole frames.
        let samples = [UInt8](repeating: 0, count: 2 * 1_120_800)
        for (step, end) in [(320, 1_120_640), (640, 1_120_640), (1_280, 1_120_000)] {
            let windows = try Self.windows(of: samples, .grid, Self.clock(step))
            #expect(
                windows.map(\.core) == [0..<480_000, 480_000..<960_000, 960_000..<end], "\(step)")
            #expect(
                windows.map(\.computed) == [0..<518_400, 441_600..<998_400, 921_600..<end],
                "\(step)")
        }
    }

    @Test("windows around speech begin and end with the model's frames")
    func speech() throws {
        let silence = [UInt8](repeating: 0, count: 2 * 16_000 * 5)
        let samples = try silence + Self.recording("arctic") + silence + Self.recording("novel")
        for step in [320, 640, 1_280] {
            let windows = try Self.windows(of: samples, .speech, Self.clock(step))
            #expect(windows.count == 2)
            let ends = windows.flatMap { [$0.core.lowerBound, $0.core.upperBound] }
            #expect(ends.allSatisfy { $0.isMultiple(of: step) }, "\(step): \(ends)")
            #expect(windows.allSatisfy { $0.computed.lowerBound.isMultiple(of: step) })
            // The first word begins after five seconds of silence, whatever the clock.
            #expect((64_000..<88_000).contains(ends[0]), "\(step): \(ends)")
        }
    }
}
