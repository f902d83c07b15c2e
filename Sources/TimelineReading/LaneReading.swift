internal import RecordingPictures
internal import SpeechTypes
internal import TranscriptRows
internal import VoiceActivity
internal import WindowCutting

/// One lane of a recording while it is read.
struct LaneReading {
    /// Among the row's lanes.
    let number: Int
    private(set) var lane: RecordingTimeline.Lane
    private let chunking: RecognitionOptions.Chunking
    private let drawn: Range<Int>
    private let clock: FrameClock
    private var cutter: SpeechCutter
    private var samples = 0
    /// Where the core of the last window ends, in frames.
    private var ownedEnd = 0

    /// - Parameter drawn: samples whose peaks are kept.
    init(
        _ number: Int, _ segment: TranscriptSegment, _ network: SpeechNetwork,
        _ chunking: RecognitionOptions.Chunking, _ clock: FrameClock, drawn: Range<Int>
    ) {
        self.number = number
        self.chunking = chunking
        self.drawn = drawn
        self.clock = clock
        cutter = SpeechCutter(network, clock: clock)
        lane = RecordingTimeline.Lane(
            channel: segment.isOneOfChannels ? segment.channel : nil,
            peaks: PeakCurve(from: drawn.lowerBound))
        lane.words = segment.words ?? []
    }

    mutating func append(_ more: [Float]) {
        let inside = drawn.clamped(to: samples..<samples + more.count)
        if !inside.isEmpty {
            lane.peaks.append(more[inside.lowerBound - samples..<inside.upperBound - samples])
        }
        samples += more.count
        let windows = cutter.append(more)
        note(windows)
    }

    mutating func finish() {
        let (windows, coverage) = cutter.finish()
        note(windows)
        switch chunking {
        case .speech:
            lane.coverage = RecordingTimeline.Coverage(
                speech: coverage.speech, silence: coverage.silence, skipped: coverage.skipped)
        case .off: lane.windows = gridWindows(of: samples, isCut: false)
        case .grid: lane.windows = gridWindows(of: samples, isCut: true)
        }
    }

    private mutating func note(_ windows: [ChunkGrid.Window]) {
        lane.speech += cutter.newStretches
        guard chunking == .speech else { return }
        for window in windows {
            let start = ownedEnd + window.framesSkipped
            ownedEnd = start + window.framesToKeep
            let first = start - window.framesToDrop
            lane.windows.append(
                timed(
                    start..<ownedEnd,
                    first..<first + clock.frames(ofSamples: window.samples.count)))
        }
    }

    /// The windows of a grid, which depend on nothing but the length.
    private func gridWindows(
        of samples: Int, isCut: Bool
    ) -> [RecordingTimeline.Window] {
        let frames = clock.frames(ofSamples: samples)
        guard isCut, frames > clock.onePassFrames else {
            return [timed(0..<frames, 0..<frames)]
        }
        return stride(from: 0, to: frames, by: clock.chunkFrames).map { start in
            let end = min(start + clock.chunkFrames, frames)
            return timed(
                start..<end,
                max(0, start - clock.contextFrames)..<min(end + clock.contextFrames, frames)
            )
        }
    }

    /// Of ranges in frames.
    private func timed(
        _ core: Range<Int>, _ computed: Range<Int>
    ) -> RecordingTimeline.Window {
        func samples(_ frames: Range<Int>) -> Range<Int> {
            frames.lowerBound * clock.samplesPerFrame..<frames.upperBound
                * clock.samplesPerFrame
        }
        return RecordingTimeline.Window(core: samples(core), computed: samples(computed))
    }
}
