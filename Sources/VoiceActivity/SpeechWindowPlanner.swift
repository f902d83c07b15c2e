package import SpeechTypes

/// Stretches of speech to the windows that are computed.
///
/// Speech with pauses of at most twice the margin is one piece, which is one window where a pass holds it.
/// A longer one is cut: in the quietest place of the pauses within reach, or else in the quietest place
/// there is, or else, where nothing is quiet, as late as can be. Cuts have context on both sides; what
/// lies between pieces is in no window.
///
/// A window is given when nothing that follows can change it, so that a recording of many hours is never
/// held whole. What is given does not depend on how the recording was cut into pieces.
package struct SpeechWindowPlanner: Sendable {
    private let limits: SpeechWindowLimits
    private let clock: FrameClock
    private var levels = LevelCurve()
    /// Stretches of speech that no window has yet, in frames, with at least one frame between them.
    private var speech: [Range<Int>] = []
    /// Where the rest of a piece begins that was cut.
    private var cut: Int?
    private var frontier = 0
    private var windows = 0
    /// Where the core of the last window ends.
    private var coreEnd = 0
    private var tally = SpeechCoverage()

    package init(
        _ limits: SpeechWindowLimits = SpeechWindowLimits(), clock: FrameClock = .wav2vec2
    ) {
        precondition(limits.isPossible, "limits leave room for cuts")
        self.limits = limits
        self.clock = clock
    }

    /// Frames before this one are in no window that is still to come, not even as context.
    package var firstFrameNeeded: Int {
        // The samples of a recording may reach one frame further than its frames.
        if windows == 0, frontier <= wholeFramesMax + 1 { return 0 }
        if let cut { return cut - limits.contextFrames }
        return max(0, (speech.first?.lowerBound ?? frontier) - limits.marginFrames)
    }

    /// A recording of so many frames is computed whole.
    private var wholeFramesMax: Int { min(limits.wholeFramesMax, limits.framesMax) }

    /// Takes the energy of the next frames, in their order: sums or means of squares.
    package mutating func append(levels more: some Sequence<Double>) { levels.append(more) }

    /// Takes the next stretches of speech, and gives the windows that are certain by now.
    ///
    /// The energy of all frames before them is known.
    ///
    /// - Parameters:
    ///   - stretches: in samples, in their order, none overlapping another.
    ///   - frontier: no stretch that is still to come begins before this sample.
    package mutating func append(_ stretches: [Range<Int>], frontier: Int) -> [SpeechWindow] {
        for stretch in stretches { add(stretch) }
        self.frontier = frontier / clock.samplesPerFrame
        return cutWindows(frames: nil)
    }

    /// Ends the recording, which has so many samples, and gives the windows that remain.
    package mutating func finish(
        _ stretches: [Range<Int>] = [], samples: Int
    ) -> (windows: [SpeechWindow], coverage: SpeechCoverage) {
        for stretch in stretches { add(stretch) }
        let frames = clock.frames(ofSamples: samples)
        clip(to: frames)
        var windows = cutWindows(frames: frames)
        if self.windows == 0, frames > 0, frames <= wholeFramesMax {
            windows = [window(0..<frames, from: 0, to: frames)]
        }
        // What is left behind the last frame belongs to it.
        if frames > 0, coreEnd == frames {
            tally.silence += samples - frames * clock.samplesPerFrame
        }
        if frames == 0 { tally.speech = 0 }
        tally.silence -= tally.speech
        tally.skipped = samples - tally.speech - tally.silence
        return (windows, tally)
    }

    /// Adds a stretch in samples to those in frames.
    private mutating func add(_ stretch: Range<Int>) {
        guard !stretch.isEmpty else { return }
        tally.speech += stretch.count
        let step = clock.samplesPerFrame
        let frames = stretch.lowerBound / step..<(stretch.upperBound + step - 1) / step
        if let last = speech.last, frames.lowerBound <= last.upperBound {
            speech[speech.count - 1] = last.lowerBound..<max(last.upperBound, frames.upperBound)
        } else {
            speech.append(frames)
        }
    }

    /// Leaves out what lies behind the last frame.
    private mutating func clip(to frames: Int) {
        while let last = speech.last, last.upperBound > frames {
            speech.removeLast()
            guard frames > 0 else { continue }
            let rest = min(last.lowerBound, frames - 1)..<frames
            if let before = speech.last, rest.lowerBound <= before.upperBound {
                speech[speech.count - 1] = before.lowerBound..<frames
            } else {
                speech.append(rest)
            }
            return
        }
    }

    /// - Parameter frames: of the recording, once they are known.
    private mutating func cutWindows(frames: Int?) -> [SpeechWindow] {
        var given: [SpeechWindow] = []
        while let first = speech.first {
            let start = cut ?? max(0, first.lowerBound - limits.marginFrames)
            let (count, isWhole) = piece(isLast: frames != nil)
            let spoken = speech[count - 1].upperBound
            // The last frames of a stretch may turn out to lie behind the last one of the recording.
            let known = isWhole ? min(spoken + limits.marginFrames, frames ?? .max) : spoken - 2
            let context = cut == nil ? 0 : limits.contextFrames
            if known - start > limits.framesMax - context {
                let place = bestCut(in: start)
                given.append(
                    window(start..<place, from: start - context, to: place + limits.contextFrames))
                leave(before: place)
                cut = place
            } else if isWhole {
                given.append(window(start..<known, from: start - context, to: known))
                leave(before: known)
                cut = nil
            } else {
                break
            }
        }
        levels.forget(before: firstFrameNeeded - limits.quietFrames)
        return given
    }

    /// How many stretches the first piece has, and whether no other will come to it.
    private func piece(isLast: Bool) -> (count: Int, isWhole: Bool) {
        var count = 1
        while count < speech.count,
            speech[count].lowerBound - speech[count - 1].upperBound <= 2 * limits.marginFrames
        {
            count += 1
        }
        let isWhole =
            isLast || count < speech.count
            || frontier - speech[count - 1].upperBound > 2 * limits.marginFrames
        return (count, isWhole)
    }

    private mutating func window(_ core: Range<Int>, from first: Int, to end: Int) -> SpeechWindow {
        defer { windows += 1 }
        coreEnd = core.upperBound
        tally.silence += core.count * clock.samplesPerFrame
        return SpeechWindow(index: windows, core: core, computed: first..<end)
    }

    private mutating func leave(before place: Int) {
        while let first = speech.first, first.lowerBound < place {
            speech.removeFirst()
            if first.upperBound > place { speech.insert(place..<first.upperBound, at: 0) }
            if first.upperBound >= place { break }
        }
    }

    /// Where to cut the piece that begins at `start`.
    private func bestCut(in start: Int) -> Int {
        let last = start + limits.coreFramesMax
        let range = last - limits.searchFrames...last
        if let pause = quietest(pauses(in: range)) { return pause.place }
        guard let quiet = quietest([range]) else { return last }
        let mean = levels.mean(around: range, reach: limits.quietFrames)
        return quiet.energy <= limits.quietShare * mean ? quiet.place : last
    }

    /// Places for cuts between stretches of speech, away from them where pauses are long enough.
    private func pauses(in range: ClosedRange<Int>) -> [ClosedRange<Int>] {
        zip(speech, speech.dropFirst()).compactMap { before, after in
            let away = min(limits.quietFrames, (after.lowerBound - before.upperBound) / 2)
            let first = max(range.lowerBound, before.upperBound + away)
            let last = min(range.upperBound, after.lowerBound - away)
            return first <= last ? first...last : nil
        }
    }

    /// The first of the places with the least energy around them.
    private func quietest(_ ranges: [ClosedRange<Int>]) -> (place: Int, energy: Double)? {
        var best: (place: Int, energy: Double)?
        for place in ranges.joined() {
            let energy = levels.energy(around: place, reach: limits.quietFrames)
            if energy < best?.energy ?? .infinity { best = (place, energy) }
        }
        return best
    }
}
