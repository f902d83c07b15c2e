import Checkpoints
import Foundation
import SpeechTypes
import Testing
import Transcription
import VoiceActivity
import WindowCutting

@Suite("Cutting a stream around its speech")
struct SpeechCutterTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func network() throws -> SpeechNetwork {
        try SpeechNetwork(
            FileBytes(
                mapping: root.appending(
                    path: "models/\(SpeechNetwork.folderName)/\(SpeechNetwork.fileName)"
                ).path))
    }

    /// 16 bits with a header of 44 bytes.
    private static func recording(_ name: String) throws -> [Float] {
        let path = root.appending(path: "Tests/Fixtures/voice-activity/\(name).wav")
        let bytes = [UInt8](try Data(contentsOf: path))
        return stride(from: 44, to: bytes.count - 1, by: 2).map { place in
            Float(Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)) / 32_768
        }
    }

    private static func silence(_ seconds: Int) -> [Float] {
        [Float](repeating: 0, count: seconds * 16_000)
    }

    /// Windows and coverage of a recording that comes in pieces of so many samples.
    private func cut(_ samples: [Float], by step: Int) throws -> (
        windows: [ChunkGrid.Window], coverage: SpeechCoverage, mostHeld: Int
    ) {
        var cutter = SpeechCutter(try Self.network())
        var windows: [ChunkGrid.Window] = []
        var mostHeld = 0
        for start in stride(from: 0, to: samples.count, by: step) {
            windows += cutter.append(Array(samples[start..<min(start + step, samples.count)]))
            mostHeld = max(mostHeld, cutter.pendingSamples)
        }
        let (rest, coverage) = cutter.finish()
        return (windows + rest, coverage, mostHeld)
    }

    @Test("windows have the samples of their place, and what has no speech is in none")
    func windowsAreInPlace() throws {
        let speech = [try Self.recording("arctic"), try Self.recording("novel")]
        let samples =
            Self.silence(30) + speech[0] + Self.silence(7) + speech[1] + Self.silence(4)
        let (windows, coverage, _) = try cut(samples, by: 4_096)
        #expect(windows.count == 2)
        var owned = 0
        for (place, window) in windows.enumerated() {
            owned += window.framesSkipped
            let start = (owned - window.framesToDrop) * 320
            #expect(window.samples == Array(samples[start..<start + window.samples.count]))
            let spoken = place == 0 ? 480_000 : 480_000 + speech[0].count + 112_000
            #expect(abs(owned * 320 - spoken) < 16_000)
            owned += window.framesToKeep
        }
        #expect(coverage.total == samples.count)
        #expect(coverage.skipped > 36 * 16_000)
        #expect(coverage.speech > 7 * 16_000)
    }

    @Test("speech without end is cut, what is held is bounded, and pieces do not show")
    func piecesDoNotShow() throws {
        let phrase = try Self.recording("read") + Self.recording("novel")
        let samples = Array(repeating: phrase, count: 12).flatMap(\.self) + Self.silence(60)
        let small = try cut(samples, by: 1_117)
        let large = try cut(samples, by: 160_000)
        #expect(small.windows == large.windows)
        #expect(small.coverage == large.coverage)
        #expect(small.windows.count >= 4)
        #expect(small.windows.allSatisfy { $0.samples.count <= 1_860 * 320 + 80 })
        #expect(small.mostHeld <= SpeechCutter.framesHeldMax(.wav2vec2) * 320)
    }

    @Test("long silence has no window and is not held")
    func silenceIsNotHeld() throws {
        var cutter = SpeechCutter(try Self.network())
        let minute = Self.silence(60)
        var mostHeld = 0
        for _ in 0..<20 {
            #expect(cutter.append(minute).isEmpty)
            mostHeld = max(mostHeld, cutter.pendingSamples)
        }
        let (windows, coverage) = cutter.finish()
        #expect(windows.isEmpty)
        #expect(coverage.skipped == 20 * 60 * 16_000)
        #expect(mostHeld < 2 * 16_000)
    }

    @Test("a second of audio is computed whole, however it comes")
    func wholeSecond() throws {
        let samples = [Float](repeating: 0, count: 16_390)
        for step in [100, 1_000, 16_390] {
            let (windows, coverage, _) = try cut(samples, by: step)
            #expect(windows.map(\.samples.count) == [FrameClock.wav2vec2.samples(ofFrames: 50)])
            #expect(coverage.silence == 16_390)
        }
    }

    @Test("less audio than a frame is skipped")
    func shortAudio() throws {
        let (windows, coverage, _) = try cut([Float](repeating: 0.1, count: 399), by: 100)
        #expect(windows.isEmpty)
        #expect(coverage.skipped == 399)
    }
}
