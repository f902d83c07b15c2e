internal import AudioFormats
internal import Synchronization

/// A recording in the hands of one span; put back when this ends.
///
/// Sendable without the compiler's check: `sweep` is used by the thread that has the lease, and only
/// the counters are read by others.
final class SweepLease: @unchecked Sendable {
    let identity: FileIdentity
    /// Nil until the recording is opened.
    var sweep: Sweep?

    private let sweeps: Sweeps
    private let stepCount = Atomic<Int>(0)
    private let decoding = Atomic<Bool>(false)
    private var isPutBack = false

    init(_ identity: FileIdentity, _ sweeps: Sweeps) {
        self.identity = identity
        self.sweeps = sweeps
    }

    /// Whether its thread is inside the decoder, and how often it was.
    var isDecoding: Bool { decoding.load(ordering: .relaxed) }
    var steps: Int { stepCount.load(ordering: .relaxed) }

    /// Runs what calls the decoder, which may hang.
    func decode<Result>(
        _ body: () throws(AudioError) -> Result
    ) throws(AudioError) -> Result {
        decoding.store(true, ordering: .relaxed)
        stepCount.add(1, ordering: .relaxed)
        defer { decoding.store(false, ordering: .relaxed) }
        return try body()
    }

    /// Lets the next span have the recording.
    func putBack(seeks: Bool = false) {
        guard !isPutBack else { return }
        isPutBack = true
        sweeps.putBack(self, seeks: seeks)
    }
}
