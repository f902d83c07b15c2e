package import AudioFormats
package import AudioInput
internal import SpeechTypes
internal import Threading
package import WindowCutting

/// A recording that is read once, from its beginning, for one span after the other.
///
/// Which samples a window has depends on all that was decoded and resampled before it, so a span is reached by
/// reading what lies before. Sendable without the compiler's check: one thread at a time has it.
package final class SpanStream: @unchecked Sendable {
    private let stream: AudioStream
    private var grid = ChunkGrid(.grid)
    private var samples: [[Float]] = [[]]
    /// The window that comes next.
    package private(set) var nextWindow = 0
    /// Windows that were cut and not given yet.
    private var waiting: ArraySlice<ChunkGrid.Window> = []
    /// What the end of the audio tells; nil before it.
    package private(set) var summary: AudioSummary?

    /// Frames asked of the audio file at a time: a quarter of a second at 16 kHz.
    private static let framesPerRead = 4_096

    /// - Parameter stream: of one lane, of which nothing was read.
    package init(_ stream: AudioStream) {
        precondition(stream.laneCount == 1, "a row that is shared has one lane")
        self.stream = stream
    }

    /// Reads on until a window is cut.
    ///
    /// - Parameter step: called after every read.
    /// - Returns: the next window; nil at the end of the audio.
    /// - Throws: what is wrong with the recording.
    package func next(step: () -> Void) throws(AudioError) -> ChunkGrid.Window? {
        while waiting.isEmpty, summary == nil {
            let got = try stream.read(Self.framesPerRead, into: &samples)
            step()
            if got > 0 {
                waiting = grid.append(samples[0])[...]
                samples[0].removeAll(keepingCapacity: true)
            } else {
                waiting = grid.finish()[...]
                summary = stream.summary
            }
        }
        guard let window = waiting.popFirst() else { return nil }
        nextWindow = window.index + 1
        return window
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

    /// Takes the stream that has come nearest to a window of the row; nil if there is none before it.
    ///
    /// - Parameter raw: the row's bytes.
    package func take(_ raw: [UInt8], before window: Int) -> SpanStream? {
        kept.withLock { kept in
            let usable = kept.indices.filter {
                kept[$0].stream.nextWindow <= window && kept[$0].raw == raw
            }
            let nearest = usable.max {
                kept[$0].stream.nextWindow < kept[$1].stream.nextWindow
            }
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
