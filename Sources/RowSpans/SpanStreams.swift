package import AudioFormats
package import AudioInput
internal import SpeechTypes
internal import Threading
package import WindowCutting

/// A recording that is read once, from its beginning, for one span after the other.
///
/// Which samples a window has depends on all that was decoded and resampled before it, and where windows lie around
/// speech, on all that was heard before it, so a span is reached by reading what lies before. Sendable without the compiler's check: one thread at a time has it.
package final class SpanStream: @unchecked Sendable {
    private let stream: AudioStream
    private var cutter: LaneCutter
    private var samples: [[Float]] = [[]]
    /// Windows that were cut and not given yet.
    private var waiting: ArraySlice<ChunkGrid.Window> = []
    /// Of the windows that were given; samples are known at the end of the audio.
    package private(set) var coverage = LaneCoverage()
    /// What the end of the audio tells; nil before it.
    package private(set) var summary: AudioSummary?
    /// As ``LaneCutter/excess`` at the end of the audio.
    package private(set) var excess: Int?

    /// Frames asked of the audio file at a time: a quarter of a second at 16 kHz.
    private static let framesPerRead = 4_096

    /// - Parameters:
    ///   - stream: of one lane, of which nothing was read.
    ///   - cutter: of which nothing was asked.
    package init(_ stream: AudioStream, _ cutter: LaneCutter) {
        precondition(stream.laneCount == 1, "a row that is shared has one lane")
        self.stream = stream
        self.cutter = cutter
    }

    /// No window that was given begins at this frame or later.
    var position: Int { coverage.windows.last.map { $0.lowerBound + 1 } ?? 0 }

    /// Reads on until the next window is cut, or until it is certain that none begins in time.
    ///
    /// - Parameters:
    ///   - end: a window whose own frames begin there or later is kept for whoever asks next; nil for none.
    ///   - step: called after every read.
    /// - Returns: the window, and where its own frames begin; nil if there is none before `end`.
    /// - Throws: what is wrong with the recording.
    package func next(
        before end: Int?, step: () -> Void
    ) throws(AudioError) -> (window: ChunkGrid.Window, start: Int)? {
        while waiting.isEmpty, summary == nil {
            if let end, cutter.firstFrameNeeded >= end { return nil }
            let got = try stream.read(Self.framesPerRead, into: &samples)
            step()
            if got > 0 {
                waiting = cutter.append(samples[0])[...]
                samples[0].removeAll(keepingCapacity: true)
            } else {
                excess = cutter.excess
                let (windows, spent) = cutter.finish()
                waiting = windows[...]
                coverage.samples = spent ?? coverage.samples
                summary = stream.summary
            }
        }
        guard let window = waiting.first else { return nil }
        let start = coverage.start(of: window)
        if let end, start >= end { return nil }
        waiting.removeFirst()
        coverage.add(window)
        return (window, start)
    }
}

/// Recordings that were read up to some window, for whoever goes on from there.
///
/// The spans of a row are given out in their order, so a worker that keeps what it has read reads a recording about
/// once, however many spans it computes.
package final class SpanStreams: Sendable {
    private struct Kept {
        let raw: [UInt8]
        let stream: SpanStream
    }

    /// Oldest first.
    private let kept = Guarded<[Kept]>([])

    /// Two spans are in an engine as a rule: one is computed while the other is read.
    private static let countMax = 2

    package init() {}

    /// Takes the stream that has come nearest to a frame of the row; nil if none has all windows behind it.
    ///
    /// - Parameter raw: the row's bytes.
    package func take(_ raw: [UInt8], before frame: Int) -> SpanStream? {
        kept.withLock { kept in
            let usable = kept.indices.filter {
                kept[$0].stream.position <= frame && kept[$0].raw == raw
            }
            let nearest = usable.max { kept[$0].stream.position < kept[$1].stream.position }
            return nearest.map { kept.remove(at: $0).stream }
        }
    }

    /// Keeps a stream for the spans that follow, be it at its end: a recording may be shorter than planned.
    package func give(_ stream: SpanStream, of raw: [UInt8]) {
        // Files are closed outside of the lock.
        let oldest = kept.withLock { kept -> Kept? in
            kept.append(Kept(raw: raw, stream: stream))
            return kept.count > Self.countMax ? kept.removeFirst() : nil
        }
        _ = oldest
    }
}
