import SpeechTypes
import Testing
import VoiceActivity
import WindowCutting

@Suite("Cutting a stream around speech that another program found")
struct GivenStretchesTests {
    private static let second = FrameClock.sampleRate

    /// What is cut of so many samples that come in pieces.
    private func cut(
        _ stretches: [Range<Int>], samples: Int, by step: Int
    ) -> (windows: [ChunkGrid.Window], coverage: SpeechCoverage, excess: Int?) {
        var cutter = SpeechCutter(given: stretches)
        var windows: [ChunkGrid.Window] = []
        for start in stride(from: 0, to: samples, by: step) {
            let count = min(step, samples - start)
            windows += cutter.append((0..<count).map { Float((start + $0) % 977) / 977 })
        }
        let excess = cutter.excess
        let (rest, coverage) = cutter.finish()
        return (windows + rest, coverage, excess)
    }

    @Test("windows lie around the stretches, and pieces do not show")
    func windowsAreAroundStretches() {
        let second = Self.second
        let stretches = [
            10 * second..<12 * second, 12 * second + 800..<14 * second, 50 * second..<51 * second,
        ]
        let small = cut(stretches, samples: 70 * second, by: 1_117)
        let large = cut(stretches, samples: 70 * second, by: 40 * second)
        #expect(small.windows == large.windows)
        #expect(small.coverage == large.coverage)
        #expect(small.windows.map(\.framesSkipped) == [460, 1_720])
        #expect(small.windows.map(\.framesToKeep) == [280, 130])
        #expect(small.coverage.speech == 5 * second - 800)
        #expect(small.coverage.total == 70 * second)
        #expect(small.excess == nil)
    }

    @Test("a stretch of hours is cut as speech without end is")
    func longStretches() {
        let second = Self.second
        let (windows, coverage, _) = cut([second..<200 * second], samples: 210 * second, by: 4_096)
        #expect(windows.count >= 6)
        #expect(windows.allSatisfy { $0.samples.count <= 1_860 * 320 + 80 })
        #expect(coverage.speech == 199 * second)
    }

    @Test("what ends a little behind the audio is clipped, what ends later is told")
    func ends() {
        let second = Self.second
        let (windows, coverage, excess) = cut(
            [8 * second..<10 * second + 100], samples: 10 * second, by: 4_096)
        #expect(excess == nil)
        #expect(windows.count == 1)
        #expect(coverage.speech == 2 * second)
        #expect(
            cut([8 * second..<11 * second], samples: 10 * second, by: 4_096).excess == second)
        #expect(cut([], samples: 10 * second, by: 4_096).coverage.skipped == 10 * second)
    }
}
