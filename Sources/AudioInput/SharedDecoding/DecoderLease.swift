internal import AudioFormats
internal import Synchronization

/// The right of one span to use a recording's shared decoder, until it is given back.
///
/// Sendable without the compiler's check: `decoder` is used by the thread that has the lease, and only
/// the counters are read by others.
final class DecoderLease: @unchecked Sendable {
    let identity: FileIdentity
    /// Nil until the recording is opened.
    var decoder: SharedDecoder?

    private let decoders: SharedDecoders
    private let callCount = Atomic<Int>(0)
    private let decoding = Atomic<Bool>(false)
    private var isGivenBack = false

    init(_ identity: FileIdentity, _ decoders: SharedDecoders) {
        self.identity = identity
        self.decoders = decoders
    }

    /// Whether its thread is inside the decoder, and how often it went there.
    var isDecoding: Bool { decoding.load(ordering: .relaxed) }
    var calls: Int { callCount.load(ordering: .relaxed) }

    /// Runs what calls the decoder, which may hang.
    ///
    /// - Throws: what `body` throws.
    func decode<Result>(
        _ body: () throws(AudioError) -> Result
    ) throws(AudioError) -> Result {
        decoding.store(true, ordering: .relaxed)
        callCount.add(1, ordering: .relaxed)
        defer { decoding.store(false, ordering: .relaxed) }
        return try body()
    }

    /// Lets the next span have the recording; does nothing the second time.
    ///
    /// - Parameter seeks: the recording proved to seek by itself.
    func giveBack(seeks: Bool = false) {
        guard !isGivenBack else { return }
        isGivenBack = true
        decoders.reclaim(self, seeks: seeks)
    }
}
