package import ClusterProtocol
package import JobState

/// Which sources of audio answer, and the rows that wait behind those that do not.
package struct SourceHealth: Sendable {
    /// What a failure of a source means for its row.
    package enum Verdict: Hashable, Sendable {
        /// The source is well as far as is known: the failure counts against the row.
        case charge
        /// The source is known to be away: the row waits for it, and nothing counts.
        case wait
        /// With this failure the source is known to be away, since it did not answer so many slots.
        case opened(slots: Int)
        /// The source was away for so long that it is not waited for any longer: these rows waited for it, and
        /// failures count from now on.
        case exhausted(waited: [Int])
    }

    /// Sources that failed of late, by name.
    private var breakers: [String: SourceBreaker] = [:]
    /// Sources of which it was told that they failed, since they were away last.
    private var told: Set<String> = []

    /// Names that are remembered of those; beyond them nothing more is told.
    private static let toldMax = 1_000

    package init() {}

    /// Sources with a failure that is remembered.
    package var count: Int { breakers.count }
    package var isEmpty: Bool { breakers.isEmpty }
    /// Some source is away.
    package var isAnyAway: Bool { breakers.values.contains(where: \.isOpen) }

    /// A source did not answer a slot.
    ///
    /// - Parameters:
    ///   - ordinal: the row whose audio it was asked for.
    ///   - slotsThere: how many slots have a worker: a source that fails all of a small fleet is at fault, too.
    ///   - hostsMin: how many hosts must have seen it before the source is at fault.
    ///   - firstProbe: when a row is to try the source first, should it be away.
    package mutating func fail(
        _ source: String, _ ordinal: Int, slot: String, slotsThere: @autoclosure () -> Int,
        hostsMin: @autoclosure () -> Int, at now: Instant,
        firstProbe: Instant,
        limits: ClusterLimits
    ) -> Verdict {
        var breaker = breakers[source] ?? SourceBreaker()
        defer { breakers[source] = breaker }
        if let since = breaker.openSince {
            guard now - since > limits.sourcePatience else { return .wait }
            return .exhausted(waited: breaker.close(isExhausted: true))
        }
        breaker.add(ordinal, slot: slot, isFailure: true, window: limits.sourceWindow)
        guard !breaker.isExhausted,
            let slots = breaker.failingSlots(failuresMin: limits.sourceFailuresMin),
            slots.count >= min(limits.sickFleetSlotsMin, slotsThere()),
            Set(slots.map { hostOfSlot($0) }).count >= hostsMin()
        else { return .charge }
        breaker.open(at: now, firstProbe: firstProbe)
        return .opened(slots: slots.count)
    }

    /// A source answered a slot, whatever it said.
    ///
    /// - Returns: the rows that waited for it; nil if it was not known to be away.
    package mutating func answer(
        _ source: String, _ ordinal: Int, slot: String, limits: ClusterLimits
    ) -> [Int]? {
        guard var breaker = breakers[source] else { return nil }
        var waited: [Int]?
        if breaker.isOpen {
            waited = breaker.close()
            told.remove(source)
        } else {
            breaker.add(ordinal, slot: slot, isFailure: false, window: limits.sourceWindow)
        }
        breakers[source] = breaker.isIdle ? nil : breaker
        return waited
    }

    /// Whether a failure of a source is the first of which anybody would be told: whoever runs the job can mend keys
    /// and names, and is to hear of it before it has cost a source its rows.
    package mutating func isNews(_ source: String) -> Bool {
        told.count < Self.toldMax && told.insert(source).inserted
    }

    /// A row waits until its source answers, which is known to be away.
    package mutating func wait(_ ordinal: Int, for source: String) {
        breakers[source]?.addWaiting(ordinal)
    }

    /// Whether a row is to wait for its source.
    package func isAway(_ source: String, for ordinal: Int) -> Bool {
        guard let breaker = breakers[source] else { return false }
        return breaker.isOpen && !breaker.probing.contains(ordinal)
    }

    /// One row of each source that is away and due, to try whether it is back.
    ///
    /// - Parameter interval: from now until the next try of a source.
    package mutating func probe(
        at now: Instant, interval: (String) -> Duration, isWaiting: (Int) -> Bool
    ) -> [Int] {
        var probes: [Int] = []
        for source in breakers.keys.sorted() {
            guard let breaker = breakers[source], breaker.isOpen, now >= breaker.nextProbe else {
                continue
            }
            let next = now + interval(source)
            if let probe = breakers[source]?.removeProbe(next: next, where: isWaiting) {
                probes.append(probe)
            }
        }
        return probes
    }

    /// Every source is tried again at once.
    ///
    /// - Returns: the rows that waited.
    package mutating func closeAll() -> [Int] {
        var waited: [Int] = []
        for source in breakers.keys.sorted() { waited += breakers[source]?.close() ?? [] }
        breakers = [:]
        told = []
        return waited
    }
}
