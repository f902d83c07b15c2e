internal import AudioFormats
internal import Threading

/// The recordings that are being swept: spans that begin inside a recording which cannot seek take
/// turns at one decoder of it, instead of each decoding all that lies before.
///
/// That pays where a recording's spans come in the order of time, as the order of work has them. A
/// span that lies before what is at hand gets a decoder of its own from the start, so the order
/// decides about time and never about samples.
final class Sweeps: Sendable {
    /// What became of a recording of which a span was asked for.
    private enum Place {
        /// It seeks by itself: everyone opens it alone.
        case seeks
        case taken(SweepLease)
        case idle(Sweep, lastUse: Int)
    }

    private struct State {
        var places: [FileIdentity: Place] = [:]
        /// The offsets of spans that wait, by recording.
        var waiting: [FileIdentity: [Double]] = [:]
        var uses = 0
    }

    private let state = Guarded(State())

    /// Decoders that are kept open while nobody uses them; each may be a process.
    private static let idleMax = 2
    /// Recordings that are remembered to seek.
    private static let placesMax = 1_024
    /// Looks, a second apart, at a decoder in which another span waits without an end, after which
    /// it is left to that span.
    private static let looksMax = 60

    /// Takes the recording for one span, after those that have it.
    ///
    /// - Parameter wait: is given what may take long: waiting for another thread's span.
    /// - Returns: nil if the recording seeks by itself.
    func lease(
        _ identity: FileIdentity, offsetSeconds: Double, waiting wait: (() -> Void) -> Void
    ) -> SweepLease? {
        let lease = SweepLease(identity, self)
        state.withLock { $0.waiting[identity, default: []].append(offsetSeconds) }
        defer {
            state.withLock { state in
                var offsets = state.waiting[identity] ?? []
                if let index = offsets.firstIndex(of: offsetSeconds) { offsets.remove(at: index) }
                state.waiting[identity] = offsets.isEmpty ? nil : offsets
            }
        }
        func attempt(_ state: inout State) -> Bool? {
            switch state.places[identity] {
            case .seeks: return false
            case .taken: return nil
            case .idle(let sweep, _):
                // The spans that wait go in the order of time.
                guard state.waiting[identity]?.min() == offsetSeconds else { return nil }
                lease.sweep = sweep
            case nil: break
            }
            state.places[identity] = .taken(lease)
            return true
        }
        var isTaken = state.withLock { attempt(&$0) }
        if isTaken == nil {
            wait {
                var looks = StuckLooks()
                while isTaken == nil {
                    isTaken = state.wait(milliseconds: 1_000) { attempt(&$0) }
                    if isTaken == nil { leaveStuck(identity, &looks) }
                }
            }
        }
        return isTaken == true ? lease : nil
    }

    /// Puts a recording back, for the next span.
    ///
    /// - Parameter seeks: it proved to seek by itself.
    func putBack(_ lease: SweepLease, seeks: Bool) {
        let sweep = lease.sweep
        lease.sweep = nil
        // What is dropped ends outside of the lock: a process is waited for.
        _ = state.withLock { state -> Sweep? in
            // One that was stuck has lost its place.
            guard case .taken(let holder) = state.places[lease.identity], holder === lease else {
                return sweep
            }
            state.uses += 1
            if seeks {
                if state.places.count >= Self.placesMax {
                    state.places = state.places.filter { place in
                        if case .seeks = place.value { false } else { true }
                    }
                }
                state.places[lease.identity] = .seeks
                return sweep
            }
            guard let sweep, !sweep.hasFailedForNow else {
                state.places[lease.identity] = nil
                return sweep
            }
            state.places[lease.identity] = .idle(sweep, lastUse: state.uses)
            return Self.evict(&state)
        }
    }

    /// The decoder that rested longest, if too many do.
    private static func evict(_ state: inout State) -> Sweep? {
        var oldest: (identity: FileIdentity, sweep: Sweep, lastUse: Int)?
        var idle = 0
        for (identity, place) in state.places {
            guard case .idle(let sweep, let lastUse) = place else { continue }
            idle += 1
            if lastUse < oldest?.lastUse ?? .max { oldest = (identity, sweep, lastUse) }
        }
        guard idle > idleMax, let oldest else { return nil }
        state.places[oldest.identity] = nil
        return oldest.sweep
    }

    /// What one who waits has seen of the span before.
    private struct StuckLooks {
        var steps = -1
        var count = 0
    }

    /// Takes its place from a span whose decoder gives nothing any more, so that nobody waits for it.
    private func leaveStuck(_ identity: FileIdentity, _ looks: inout StuckLooks) {
        state.withLock { state in
            guard case .taken(let holder) = state.places[identity] else { return }
            let steps = holder.steps
            looks.count = holder.isDecoding && steps == looks.steps ? looks.count + 1 : 0
            looks.steps = steps
            if looks.count >= Self.looksMax { state.places[identity] = nil }
        }
    }
}
