internal import AudioFormats
internal import Threading

/// The decoders that spans share: spans that begin inside a recording which cannot seek use one
/// decoder of it in turn, instead of each decoding all that lies before.
///
/// That pays where a recording's spans come in the order of time, as the order of work has them. A
/// span that lies before what is at hand gets a decoder of its own from the start, so the order
/// decides about time and never about samples.
final class SharedDecoders: Sendable {
    /// What is known of a recording of which a span was asked for.
    private enum Entry {
        /// It seeks by itself: everyone opens it alone.
        case seeks
        case inUse(DecoderLease)
        case idle(SharedDecoder, lastUse: Int)
    }

    private struct State {
        var entries: [FileIdentity: Entry] = [:]
        /// The offsets of spans that wait, by recording.
        var waiting: [FileIdentity: [Double]] = [:]
        var uses = 0
    }

    private let state = Guarded(State())
    private let stallSeconds: Double

    /// Decoders that are kept open while nobody uses them; each may be a process.
    private static let idleMax = 2
    /// Recordings that are remembered to seek.
    private static let entriesMax = 1_024
    /// How often a waiting span looks at the decoder within the time that it may give nothing.
    private static let looks = 60

    /// - Parameter stallSeconds: how long a decoder may stay inside one call while another span
    ///   waits for it; after that it is left to the span that uses it.
    init(stallSeconds: Double) { self.stallSeconds = stallSeconds }

    /// Takes the recording for one span, after those that have it.
    ///
    /// - Parameter wait: is given what may take long: waiting for another thread's span.
    /// - Returns: nil if the recording seeks by itself.
    func lease(
        _ identity: FileIdentity, offsetSeconds: Double, waiting wait: (() -> Void) -> Void
    ) -> DecoderLease? {
        let lease = DecoderLease(identity, self)
        state.withLock { $0.waiting[identity, default: []].append(offsetSeconds) }
        defer {
            state.withLock { state in
                var offsets = state.waiting[identity] ?? []
                if let index = offsets.firstIndex(of: offsetSeconds) { offsets.remove(at: index) }
                state.waiting[identity] = offsets.isEmpty ? nil : offsets
            }
        }
        func attempt(_ state: inout State) -> Bool? {
            switch state.entries[identity] {
            case .seeks: return false
            case .inUse: return nil
            case .idle(let decoder, _):
                // The spans that wait go in the order of time.
                guard state.waiting[identity]?.min() == offsetSeconds else { return nil }
                lease.decoder = decoder
            case nil: break
            }
            state.entries[identity] = .inUse(lease)
            return true
        }
        var isTaken = state.withLock { attempt(&$0) }
        if isTaken == nil {
            let milliseconds = max(1, Int(stallSeconds * 1_000) / Self.looks)
            wait {
                var observation = StallObservation()
                while isTaken == nil {
                    isTaken = state.wait(milliseconds: milliseconds) { attempt(&$0) }
                    if isTaken == nil { releaseIfStalled(identity, &observation) }
                }
            }
        }
        return isTaken == true ? lease : nil
    }

    /// Takes a recording back, for the next span.
    ///
    /// - Parameter seeks: it proved to seek by itself.
    func reclaim(_ lease: DecoderLease, seeks: Bool) {
        let decoder = lease.decoder
        lease.decoder = nil
        // What is dropped ends outside of the lock: a process is waited for.
        _ = state.withLock { state -> SharedDecoder? in
            // One that stalled has lost the recording to others.
            guard case .inUse(let holder) = state.entries[lease.identity], holder === lease else {
                return decoder
            }
            state.uses += 1
            if seeks {
                if state.entries.count >= Self.entriesMax {
                    state.entries = state.entries.filter { entry in
                        if case .seeks = entry.value { false } else { true }
                    }
                }
                state.entries[lease.identity] = .seeks
                return decoder
            }
            guard let decoder, !decoder.hasFailedForNow else {
                state.entries[lease.identity] = nil
                return decoder
            }
            state.entries[lease.identity] = .idle(decoder, lastUse: state.uses)
            return Self.evict(&state)
        }
    }

    /// The decoder that rested longest, if too many do.
    private static func evict(_ state: inout State) -> SharedDecoder? {
        var oldest: (identity: FileIdentity, decoder: SharedDecoder, lastUse: Int)?
        var idle = 0
        for (identity, entry) in state.entries {
            guard case .idle(let decoder, let lastUse) = entry else { continue }
            idle += 1
            if lastUse < oldest?.lastUse ?? .max { oldest = (identity, decoder, lastUse) }
        }
        guard idle > idleMax, let oldest else { return nil }
        state.entries[oldest.identity] = nil
        return oldest.decoder
    }

    /// What a waiting span has seen of the one that uses the decoder.
    private struct StallObservation {
        var holder: ObjectIdentifier?
        var calls = 0
        var looks = 0
    }

    /// Takes the recording from a span whose decoder gives nothing any more, so that nobody waits for
    /// it; the span keeps its decoder.
    private func releaseIfStalled(_ identity: FileIdentity, _ seen: inout StallObservation) {
        state.withLock { state in
            guard case .inUse(let holder) = state.entries[identity] else { return }
            let calls = holder.calls
            let isSame = seen.holder == ObjectIdentifier(holder) && calls == seen.calls
            seen.looks = isSame && holder.isDecoding ? seen.looks + 1 : 0
            seen.holder = ObjectIdentifier(holder)
            seen.calls = calls
            if seen.looks >= Self.looks { state.entries[identity] = nil }
        }
    }
}
