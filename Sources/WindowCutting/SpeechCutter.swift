internal import SpeechTypes
package import VoiceActivity

/// Cuts a stream of samples into the windows around its speech.
///
/// Holds about a minute of audio, whatever the recording's length: what may still be a window or its
/// context. Windows depend on nothing but the samples.
package struct SpeechCutter: Sendable {
    private var detector: SpeechDetector
    private var segmenter = SpeechSegmenter(Self.settings)
    private var meter = LevelMeter()
    private var planner = SpeechWindowPlanner()
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
    package static let framesHeldMax =
        FrameGrid.onePassFrames
        + Int(settings.maximumSpeechSeconds) * FrameGrid.sampleRate / FrameGrid.samplesPerFrame
        + 2 * FrameGrid.contextFrames

    /// Of 600 s of music and phrases planted in it, a continuous layer lost 147 of 151 words, one that also
    /// begins anew after two seconds none, after eight seconds seven.
    private static let framesToRestart = 64

    package init(_ network: SpeechNetwork) {
        detector = SpeechDetector(network, restartingAfter: Self.framesToRestart)
    }

    package var pendingSamples: Int { buffer.count }

    /// Takes the next samples and gives the windows that are certain by now.
    package mutating func append(_ samples: [Float]) -> [ChunkGrid.Window] {
        if buffer.capacity == 0 {
            buffer.reserveCapacity(Self.framesHeldMax * FrameGrid.samplesPerFrame)
        }
        buffer += samples
        planner.append(levels: meter.append(samples))
        newStretches = segmenter.append(detector.append(samples))
        let windows = planner.append(newStretches, frontier: segmenter.frontier).map { cut($0) }
        let first = planner.firstFrameNeeded * FrameGrid.samplesPerFrame
        if first > bufferStart {
            buffer.removeFirst(min(first - bufferStart, buffer.count))
            bufferStart = first
        }
        return windows
    }

    /// Ends the recording and gives the windows that remain.
    package mutating func finish() -> (windows: [ChunkGrid.Window], coverage: SpeechCoverage) {
        let samples = bufferStart + buffer.count
        newStretches =
            segmenter.append(detector.finish()) + segmenter.finish(samples: samples)
        let (windows, coverage) = planner.finish(newStretches, samples: samples)
        let cutWindows = windows.map { cut($0) }
        buffer = []
        return (cutWindows, coverage)
    }

    private mutating func cut(_ window: SpeechWindow) -> ChunkGrid.Window {
        defer { ownedEnd = window.core.upperBound }
        let start = window.computed.lowerBound * FrameGrid.samplesPerFrame - bufferStart
        let count = FrameGrid.samples(ofFrames: window.computed.count)
        return ChunkGrid.Window(
            index: window.index, samples: Array(buffer[start..<start + count]),
            framesToDrop: window.core.lowerBound - window.computed.lowerBound,
            framesToKeep: window.core.count, framesSkipped: window.core.lowerBound - ownedEnd)
    }
}
