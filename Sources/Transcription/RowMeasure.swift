internal import AudioInput
internal import SpeechTypes

/// Tells how long a row is: once from its header, and again whenever that proves too little.
///
/// Of short rows with one lane nothing is told: they are over before it matters.
struct RowMeasure {
    private let ordinal: Int
    private let lanes: Int
    private let emit: @Sendable (RowEvent) -> Void
    private var samples = 0
    private var told = 0

    /// What is told first where the header does not say; twice as much after that, each time.
    private static let firstMilliseconds = 60_000

    init(ordinal: Int, of stream: AudioStream, emit: @escaping @Sendable (RowEvent) -> Void) {
        self.ordinal = ordinal
        lanes = stream.laneCount
        self.emit = emit
        guard let seconds = stream.expectedSeconds else { return }
        let milliseconds = Int((min(seconds, 1e9) * 1_000).rounded())
        if milliseconds >= Self.firstMilliseconds || lanes > 1 { tell(milliseconds) }
    }

    mutating func add(samples count: Int) {
        samples += count
        let milliseconds = samples / (FrameClock.sampleRate / 1_000)
        // A header may be short by a little.
        guard milliseconds > told + max(Self.firstMilliseconds, told / 20) else { return }
        tell(told > 0 ? 2 * milliseconds : milliseconds)
    }

    private mutating func tell(_ milliseconds: Int) {
        told = milliseconds
        emit(.measured(ordinal: ordinal, RowLength(milliseconds: milliseconds, lanes: lanes)))
    }
}
