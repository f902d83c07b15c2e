package import SpeechTypes
package import VoiceActivity

/// Cuts a stream of samples into the windows around its speech.
///
/// Holds about a minute of audio, whatever the recording's length: what may still be a window or its
/// context. Windows depend on nothing but the samples.
package struct SpeechCutter: Sendable {
    /// What tells where speech is.
    private enum Source: Sendable {
        case network(SpeechDetector, SpeechSegmenter)
        case given(GivenStretches)
    }

    private var source: Source
    private let clock: FrameClock
    private var meter: LevelMeter
    private var planner: SpeechWindowPlanner
    private var buffer: [Float] = []
    /// The sample of the recording that `buffer` begins with: the first of a frame.
    private var bufferStart = 0
    /// Where the frames end that windows own so far.
    private var ownedEnd = 0
    /// Stretches of speech that the last call made certain, in samples.
    package private(set) var newStretches: [Range<Int>] = []

    /// Finds speech sooner than Silero's users do.
    ///
    /// To compute a second of music costs little, and a word that is skipped is lost. The settings are part
    /// of what this engine is, as the weights are.
    static let settings: SpeechSegmentSettings = {
        var settings = SpeechSegmentSettings()
        settings.threshold = 0.25
        settings.negativeThreshold = 0.15
        settings.minimumSpeechMilliseconds = 64
        settings.minimumSilenceMilliseconds = 200
        settings.paddingMilliseconds = 100
        // Bounds what is held; stretches that touch each other are one piece again.
        settings.maximumSpeechSeconds = 20
        return settings
    }()

    /// Frames beyond a pass that wait at most: the longest stretch of speech that is not yet known.
    package static func framesHeldMax(_ clock: FrameClock) -> Int {
        clock.onePassFrames
            + Int(settings.maximumSpeechSeconds) * FrameClock.sampleRate / clock.samplesPerFrame
            + 2 * clock.contextFrames
    }

    /// Of 600 s of music and phrases planted in it, a continuous layer lost 147 of 151 words, one that also
    /// begins anew after two seconds none, after eight seconds seven.
    private static let framesToRestart = 64

    package init(_ network: SpeechNetwork, clock: FrameClock = .wav2vec2) {
        self.init(
            clock,
            .network(
                SpeechDetector(network, restartingAfter: Self.framesToRestart),
                SpeechSegmenter(Self.settings)))
    }

    private init(_ clock: FrameClock, _ source: Source) {
        self.clock = clock
        self.source = source
        meter = LevelMeter(clock)
        planner = SpeechWindowPlanner(SpeechWindowLimits(clock), clock: clock)
    }

    /// Cuts around speech that another program found.
    ///
    /// - Parameter stretches: samples, in order, none overlapping another.
    package init(given stretches: [Range<Int>], clock: FrameClock = .wav2vec2) {
        let longest = Int(Self.settings.maximumSpeechSeconds) * FrameClock.sampleRate
        self.init(clock, .given(GivenStretches(stretches, samplesMax: longest)))
    }

    /// Of speech that another program found, by how many samples it lies behind the end of the audio so
    /// far, where that is more than half a second.
    package var excess: Int? {
        if case .given(let stretches) = source { stretches.excess } else { nil }
    }

    package var pendingSamples: Int { buffer.count }

    /// The first frame that may be of a window to come.
    package var firstFrameNeeded: Int { bufferStart / clock.samplesPerFrame }

    /// Takes the next samples and gives the windows that are certain by now.
    package mutating func append(_ samples: [Float]) -> [ChunkGrid.Window] {
        if buffer.capacity == 0 {
            buffer.reserveCapacity(Self.framesHeldMax(clock) * clock.samplesPerFrame)
        }
        buffer += samples
        planner.append(levels: meter.append(samples))
        let (stretches, frontier) = find(in: samples)
        newStretches = stretches
        let windows = planner.append(stretches, frontier: frontier).map { cut($0) }
        let first = planner.firstFrameNeeded * clock.samplesPerFrame
        if first > bufferStart {
            buffer.removeFirst(min(first - bufferStart, buffer.count))
            bufferStart = first
        }
        return windows
    }

    /// Ends the recording and gives the windows that remain.
    package mutating func finish() -> (windows: [ChunkGrid.Window], coverage: SpeechCoverage) {
        let samples = bufferStart + buffer.count
        newStretches = findRest(samples: samples)
        let (windows, coverage) = planner.finish(newStretches, samples: samples)
        let cutWindows = windows.map { cut($0) }
        buffer = []
        return (cutWindows, coverage)
    }

    /// The stretches of speech that are certain with the next samples, and the sample before which none is
    /// still to come.
    private mutating func find(in samples: [Float]) -> (stretches: [Range<Int>], frontier: Int) {
        switch source {
        case .network(var detector, var segmenter):
            let stretches = segmenter.append(detector.append(samples))
            source = .network(detector, segmenter)
            return (stretches, segmenter.frontier)
        case .given(var given):
            let stretches = given.append(samples.count)
            source = .given(given)
            return (stretches, given.frontier)
        }
    }

    private mutating func findRest(samples: Int) -> [Range<Int>] {
        switch source {
        case .network(var detector, var segmenter):
            return segmenter.append(detector.finish()) + segmenter.finish(samples: samples)
        case .given(var given): return given.finish()
        }
    }

    private mutating func cut(_ window: SpeechWindow) -> ChunkGrid.Window {
        defer { ownedEnd = window.core.upperBound }
        let start = window.computed.lowerBound * clock.samplesPerFrame - bufferStart
        let count = clock.samples(ofFrames: window.computed.count)
        return ChunkGrid.Window(
            index: window.index, samples: Array(buffer[start..<start + count]),
            framesToDrop: window.core.lowerBound - window.computed.lowerBound,
            framesToKeep: window.core.count, framesSkipped: window.core.lowerBound - ownedEnd)
    }
}
