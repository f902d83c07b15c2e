package import SpeechTypes
package import VoiceActivity

/// Cuts one lane of a recording into windows, as the job's options say.
package enum LaneCutter: Sendable {
    case grid(ChunkGrid)
    case speech(SpeechCutter)

    /// Samples that wait for a window.
    package var pendingSamples: Int {
        switch self {
        case .grid(let grid): grid.pendingSamples
        case .speech(let cutter): cutter.pendingSamples
        }
    }

    /// The first frame that may be of a window to come.
    package var firstFrameNeeded: Int {
        switch self {
        case .grid(let grid): grid.firstFrameNeeded
        case .speech(let cutter): cutter.firstFrameNeeded
        }
    }

    /// As ``SpeechCutter/excess``.
    package var excess: Int? {
        if case .speech(let cutter) = self { cutter.excess } else { nil }
    }

    /// Takes the next samples and gives the windows that are certain by now.
    package mutating func append(_ samples: [Float]) -> [ChunkGrid.Window] {
        switch self {
        case .grid(var grid):
            // The buffer is not to be shared while it grows.
            self = .grid(ChunkGrid(.off))
            defer { self = .grid(grid) }
            return grid.append(samples)
        case .speech(var cutter):
            self = .grid(ChunkGrid(.off))
            defer { self = .speech(cutter) }
            return cutter.append(samples)
        }
    }

    /// Ends the recording and gives the windows that remain, and how its samples were spent where speech
    /// was looked for.
    package mutating func finish() -> (windows: [ChunkGrid.Window], coverage: SpeechCoverage?) {
        switch self {
        case .grid(var grid): return (grid.finish(), nil)
        case .speech(var cutter):
            let (windows, coverage) = cutter.finish()
            return (windows, coverage)
        }
    }
}

/// What became of one lane's audio in a job that looks for speech.
package struct LaneCoverage: Hashable, Sendable {
    /// Frames that each window owns, in their order.
    package private(set) var windows: [Range<Int>] = []
    package var samples = SpeechCoverage()

    package init() {}

    /// - Parameter windows: frames that each owns, in order, none overlapping another.
    package init(windows: [Range<Int>], samples: SpeechCoverage) {
        self.windows = windows
        self.samples = samples
    }

    /// Frames behind the last window.
    package func framesAtEnd(_ clock: FrameClock) -> Int {
        clock.frames(ofSamples: samples.total) - (windows.last?.upperBound ?? 0)
    }

    /// Where the frames begin that the next window owns.
    package func start(of window: ChunkGrid.Window) -> Int {
        (windows.last?.upperBound ?? 0) + window.framesSkipped
    }

    /// Notes the next window.
    package mutating func add(_ window: ChunkGrid.Window) {
        let start = start(of: window)
        windows.append(start..<start + window.framesToKeep)
    }
}
