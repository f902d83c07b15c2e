import SpeechTypes
import Testing
import VoiceActivity

@Suite("Windows around speech")
struct SpeechWindowPlannerTests {
    private static let usual = SpeechWindowLimits()

    /// Samples from second to second.
    private func seconds(_ start: Double, _ end: Double) -> Range<Int> {
        Int(start * 16_000)..<Int(end * 16_000)
    }

    private func plan(
        _ speech: [Range<Int>], samples: Int, _ limits: SpeechWindowLimits = usual,
        level: (Int) -> Double = { _ in 1 }
    ) -> (windows: [SpeechWindow], coverage: SpeechCoverage) {
        var planner = SpeechWindowPlanner(limits)
        planner.append(levels: (0..<samples / 320).map(level))
        return planner.finish(speech, samples: samples)
    }

    @Test("speech has a margin on each side, and short pauses are computed with it")
    func marginsAndPauses() {
        let (windows, coverage) = plan(
            [seconds(2, 4), seconds(4.9, 6), seconds(20, 21)], samples: 16_000 * 30)
        #expect(
            windows == [
                SpeechWindow(index: 0, core: 60..<340, computed: 60..<340),
                SpeechWindow(index: 1, core: 960..<1_090, computed: 960..<1_090),
            ])
        #expect(coverage.speech == 16_000 * 41 / 10)
        #expect(coverage.silence == 410 * 320 - coverage.speech)
        #expect(coverage.total == 16_000 * 30)
    }

    @Test("what the recording's ends leave of a margin is computed, and no more")
    func marginsEndWithRecording() {
        let (windows, coverage) = plan([seconds(0.1, 2)], samples: 33_000)
        #expect(windows.map(\.core) == [0..<102])
        #expect(coverage.skipped == 0)
        #expect(coverage.total == 33_000)
    }

    @Test("a recording without speech, or without a frame, has no window")
    func nothingToCompute() {
        #expect(plan([], samples: 80_000).windows.isEmpty)
        #expect(plan([], samples: 80_000).coverage.skipped == 80_000)
        let (windows, coverage) = plan([0..<399], samples: 399)
        #expect(windows.isEmpty)
        #expect(coverage.speech == 0)
        #expect(coverage.skipped == 399)
    }

    @Test("a recording of a second is a window, whatever is found in it")
    func secondIsWhole() {
        let (windows, coverage) = plan([], samples: 16_000)
        #expect(windows == [SpeechWindow(index: 0, core: 0..<49, computed: 0..<49)])
        #expect(coverage.silence == 16_000)
        #expect(plan([], samples: 50 * 320 + 399).windows.map(\.core) == [0..<50])
        #expect(plan([], samples: 50 * 320 + 400).windows.isEmpty)
        var planner = SpeechWindowPlanner()
        _ = planner.append([], frontier: 16_399)
        #expect(planner.firstFrameNeeded == 0)
    }

    @Test("speech that lies behind the last frame belongs to it")
    func speechBehindLastFrame() {
        let (windows, coverage) = plan([400..<719], samples: 719)
        #expect(windows.map(\.core) == [0..<1])
        #expect(coverage.speech == 319)
        #expect(coverage.silence == 400)
        #expect(coverage.skipped == 0)
    }

    @Test("a cut is where pauses are quietest")
    func cutsInPauses() {
        // Pauses at 29, 30 and 31 s, all within reach; the quietest place is in that at 30 s.
        let speech = [seconds(0, 29), seconds(29.4, 30), seconds(30.4, 31), seconds(31.4, 60)]
        let quiet = [1_455: 0.5, 1_456: 0.5, 1_512: 0.1, 1_513: 0.1]
        let (windows, _) = plan(speech, samples: 16_000 * 60) { quiet[$0] ?? 1 }
        #expect(windows.map(\.core) == [0..<1_511, 1_511..<2_999])
        #expect(windows.map(\.computed) == [0..<1_631, 1_391..<2_999])
    }

    @Test("without a pause, a cut is in a quiet place; where nothing is quiet, it is late")
    func cutsWithoutPauses() {
        let speech = [seconds(0, 90)]
        let quiet = plan(speech, samples: 16_000 * 90) { (1_500..<1_506).contains($0) ? 0.01 : 1 }
        #expect(quiet.windows.first?.core == 0..<1_503)
        let loud = plan(speech, samples: 16_000 * 90) { (1_500..<1_506).contains($0) ? 0.5 : 1 }
        #expect(loud.windows.map(\.core) == [0..<1_620, 1_620..<3_240, 3_240..<4_499])
        #expect(loud.windows.map(\.computed) == [0..<1_740, 1_500..<3_360, 3_120..<4_499])
    }

    @Test("what one pass holds is not cut")
    func onePassIsWhole() {
        let whole = plan([0..<320 * 1_860], samples: 320 * 1_860 + 80)
        #expect(whole.windows.map(\.core) == [0..<1_860])
        #expect(plan([0..<320 * 1_861], samples: 320 * 1_861 + 80).windows.count == 2)
    }

    @Test(
        "any recording: every sample is accounted for once, cores never meet, and no window is too long",
        arguments: 0..<400)
    func holdsForAny(seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let limits = Self.limits(seed.isMultiple(of: 2), &numbers)
        let samples = Int.random(
            in: 0...(seed.isMultiple(of: 3) ? 3_000 : 4_000_000), using: &numbers)
        let speech = Self.speech(samples, &numbers)
        let levels = Self.levels(samples, &numbers)
        let (windows, coverage) = plan(speech, samples: samples, limits) { levels[$0] }

        let frames = FrameClock.wav2vec2.frames(ofSamples: samples)
        #expect(coverage.total == samples)
        #expect(coverage.speech == (frames == 0 ? 0 : speech.reduce(0) { $0 + $1.count }))
        #expect(coverage.silence >= 0 && coverage.skipped >= 0)
        #expect(windows.map(\.index) == Array(windows.indices))
        var computed = 0
        for (place, window) in windows.enumerated() {
            #expect(!window.core.isEmpty)
            #expect(window.computed.count <= limits.framesMax)
            #expect(0 <= window.computed.lowerBound && window.computed.upperBound <= frames)
            #expect(
                window.computed.lowerBound <= window.core.lowerBound
                    && window.core.upperBound <= window.computed.upperBound)
            computed += Self.samples(of: window.core, frames, samples).count
            guard place > 0 else { continue }
            let before = windows[place - 1]
            #expect(before.core.upperBound <= window.core.lowerBound)
            if before.core.upperBound == window.core.lowerBound {
                // A cut: both sides hear what is on the other.
                #expect(
                    window.core.lowerBound - window.computed.lowerBound == limits.contextFrames)
                #expect(before.computed.upperBound - before.core.upperBound == limits.contextFrames)
            }
        }
        #expect(computed == coverage.speech + coverage.silence)
        for stretch in speech where frames > 0 {
            let covered = windows.reduce(0) {
                $0 + Self.samples(of: $1.core, frames, samples).clamped(to: stretch).count
            }
            #expect(covered == stretch.count)
        }
    }

    @Test(
        "windows come as soon as they are certain, and the same however much is known at once",
        arguments: 0..<200)
    func isStream(seed: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed) + 1_000)
        let limits = Self.limits(seed.isMultiple(of: 2), &numbers)
        let samples = Int.random(in: 0...4_000_000, using: &numbers)
        let speech = Self.speech(samples, &numbers)
        let levels = Self.levels(samples, &numbers)
        let whole = plan(speech, samples: samples, limits) { levels[$0] }

        var planner = SpeechWindowPlanner(limits)
        var windows: [SpeechWindow] = []
        var next = 0
        var heard = 0
        var mostHeld = 0
        while heard < samples {
            let more = min(samples, heard + Int.random(in: 1...60_000, using: &numbers))
            planner.append(levels: levels[heard / 320..<more / 320])
            heard = more
            let known = speech[next...].prefix { $0.upperBound <= heard }
            next += known.count
            let frontier = next < speech.count ? min(heard, speech[next].lowerBound) : heard
            let needed = planner.firstFrameNeeded
            let given = planner.append(Array(known), frontier: frontier)
            for window in given { #expect(window.computed.lowerBound >= needed) }
            windows += given
            if next == speech.count || speech[next].lowerBound >= heard {
                mostHeld = max(mostHeld, heard / 320 - planner.firstFrameNeeded)
            }
        }
        let rest = planner.finish(Array(speech[next...]), samples: samples)
        #expect(windows + rest.windows == whole.windows)
        #expect(rest.coverage == whole.coverage)
        let longest = speech.map { $0.count / 320 }.max() ?? 0
        #expect(mostHeld <= limits.framesMax + longest + 2 * limits.contextFrames)
    }

    private static func samples(of core: Range<Int>, _ frames: Int, _ samples: Int) -> Range<Int> {
        core.lowerBound * 320..<(core.upperBound == frames ? samples : core.upperBound * 320)
    }

    private static func limits(
        _ isUsual: Bool, _ numbers: inout SeededNumbers
    ) -> SpeechWindowLimits {
        var limits = SpeechWindowLimits()
        guard !isUsual else { return limits }
        limits.contextFrames = Int.random(in: 10...60, using: &numbers)
        limits.marginFrames = Int.random(in: 0..<limits.contextFrames, using: &numbers)
        limits.searchFrames = Int.random(in: 5...100, using: &numbers)
        limits.framesMax =
            3 * limits.contextFrames + limits.searchFrames
            + Int.random(in: 0...600, using: &numbers)
        return limits
    }

    /// Stretches of speech that may touch each other and the ends.
    private static func speech(_ samples: Int, _ numbers: inout SeededNumbers) -> [Range<Int>] {
        var speech: [Range<Int>] = []
        var place = Bool.random(using: &numbers) ? 0 : Int.random(in: 0...50_000, using: &numbers)
        while place < samples {
            let longest = [2_000, 40_000, 480_000].randomElement(using: &numbers) ?? 1
            let end = min(samples, place + Int.random(in: 1...longest, using: &numbers))
            speech.append(place..<end)
            let pause = [0, 1_000, 20_000, 300_000].randomElement(using: &numbers) ?? 0
            place = end + Int.random(in: 0...pause, using: &numbers)
        }
        return speech
    }

    private static func levels(_ samples: Int, _ numbers: inout SeededNumbers) -> [Double] {
        var quiet = 0
        return (0..<samples / 320).map { _ in
            if quiet > 0 {
                quiet -= 1
            } else if Int.random(in: 0..<50, using: &numbers) == 0 {
                quiet = 8
            }
            return Double.random(in: 0...1, using: &numbers) * (quiet > 0 ? 0.001 : 1)
        }
    }
}
