internal import ClusterProtocol
internal import JobState

/// Sources of audio that do not answer, and rows that must wait for whatever reason.
extension Coordinator {
    // MARK: Breakers

    /// A row's source did not answer.
    ///
    /// - Returns: whether the row waits for the source, without a charge.
    mutating func sourceFailed(_ ordinal: Int, _ slot: String, at now: Instant) -> Bool {
        let source = ledger.plan.source(of: ordinal)
        var breaker = breakers[source] ?? SourceBreaker()
        defer { breakers[source] = breaker }
        if let since = breaker.openSince {
            guard now - since > limits.sourcePatience else { return true }
            let rows = breaker.close(isExhausted: true)
            note(.sourceBack, slot: "", "source \(source) is not waited for any longer")
            releaseParked(rows)
            return false
        }
        breaker.add(slot: slot, isFailure: true, window: limits.sourceWindow)
        guard !breaker.isExhausted,
            let slots = breaker.failingSlots(failuresMin: limits.sourceFailuresMin),
            slots.count >= limits.sickFleetSlotsMin, seenFromTwoHosts(slots)
        else { return false }
        breaker.open(at: now, firstProbe: now + probeInterval(source))
        note(.sourceDown, slot: "", "source \(source) does not answer \(slots.count) workers")
        for trouble in ledger.troubles.values.sorted(by: { $0.ordinal < $1.ordinal })
        where !trouble.sourceSlots.isEmpty && ledger.isWaiting(trouble.ordinal)
            && ledger.plan.source(of: trouble.ordinal) == source
        {
            breaker.park(trouble.ordinal)
            ledger.park(trouble.ordinal)
        }
        return true
    }

    /// Of a fleet on several hosts, one host alone says nothing about a source.
    private func seenFromTwoHosts(_ slots: Set<String>) -> Bool {
        let hosts = Set(sessionOrder.compactMap { sessions[$0]?.host })
        return hosts.count < 2 || Set(slots.map { hostOfSlot($0) }).count > 1
    }

    /// A row's source answered, whatever it said.
    mutating func sourceAnswered(_ ordinal: Int, _ slot: String) {
        guard !breakers.isEmpty else { return }
        let source = ledger.plan.source(of: ordinal)
        guard var breaker = breakers[source] else { return }
        if breaker.isOpen {
            let rows = breaker.close()
            note(.sourceBack, slot: slot, "source \(source) answers again")
            releaseParked(rows)
        } else {
            breaker.add(slot: slot, isFailure: false, window: limits.sourceWindow)
        }
        breakers[source] = breaker.isIdle ? nil : breaker
    }

    private mutating func releaseParked(_ rows: [Int]) {
        for ordinal in rows where ledger.isParked(ordinal) { ledger.release(ordinal) }
    }

    /// - Precondition: the row has no outcome, and its source is known to be away.
    mutating func park(_ ordinal: Int) {
        breakers[ledger.plan.source(of: ordinal)]?.park(ordinal)
        ledger.park(ordinal)
    }

    func isBehindBreaker(_ ordinal: Int) -> Bool {
        guard !breakers.isEmpty, let breaker = breakers[ledger.plan.source(of: ordinal)] else {
            return false
        }
        return breaker.isOpen && !breaker.probing.contains(ordinal)
    }

    /// The clean row to give out next, of those whose source answers.
    mutating func nextClean() -> QueuedRow? {
        while let row = ledger.nextClean() {
            guard isBehindBreaker(row.ordinal) else { return row }
            park(row.ordinal)
        }
        return nil
    }

    /// One row of each source that is away tries whether it is back.
    mutating func probeSources(at now: Instant) {
        for source in breakers.keys.sorted() {
            guard var breaker = breakers[source], breaker.isOpen, now >= breaker.nextProbe else {
                continue
            }
            let probe = breaker.probe(next: now + probeInterval(source)) { ledger.isParked($0) }
            breakers[source] = breaker
            if let probe { ledger.release(probe) }
        }
        let isDown =
            breakers.values.contains(where: \.isOpen) && ledger.parkedCount > 0
            && ledger.parkedCount == ledger.waitingCount
        if isDown { pause(.sourceDown) } else { endPause(.sourceDown, at: now) }
    }

    private func probeInterval(_ source: String) -> Duration {
        let plain = limits.sourceProbe.wholeNanoseconds
        let spread = Int64(truncatingIfNeeded: jitter(source, commits) % 1_024)
        return .nanoseconds(plain + plain / 4 * spread / 1_024)
    }

    /// Sources are tried again at once: an operator says so.
    mutating func forgetBreakers() {
        for source in breakers.keys.sorted() {
            if let rows = breakers[source]?.close() { releaseParked(rows) }
        }
        breakers = [:]
    }

    // MARK: Rows that wait for their time

    /// Rows whose time has come wait like others again.
    mutating func releaseDueRows(at now: Instant) {
        for ordinal in ledger.takeDue(at: now) where !judgeAfterRest(ordinal) {
            if let rested = restUntil(ordinal, at: now) {
                ledger.hold(ordinal, until: rested)
            } else if isBehindBreaker(ordinal) {
                park(ordinal)
            } else {
                ledger.release(ordinal)
            }
        }
    }
}
