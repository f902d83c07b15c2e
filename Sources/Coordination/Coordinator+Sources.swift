internal import ClusterProtocol
internal import CoordinatorState
internal import JobState

/// Sources of audio that do not answer, and rows that must wait for whatever reason.
extension Coordinator {
    // MARK: Breakers

    /// A row's source did not answer.
    ///
    /// - Parameter detail: what the worker says of it.
    /// - Returns: whether the row waits for the source, without a charge.
    mutating func sourceFailed(
        _ ordinal: Int, _ slot: String, _ detail: String, at now: Instant
    ) -> Bool {
        let source = ledger.source(of: ordinal)
        let sessions = sessions
        let verdict = sources.fail(
            source, ordinal, slot: slot, slotsThere: sessions.slots.count,
            // Of a fleet on several hosts, one host alone says nothing about a source.
            hostsMin: sessions.hosts.count < 2 ? 1 : 2, at: now,
            firstProbe: now + Self.probeInterval(source, count: commits.count, limits: limits),
            limits: limits)
        switch verdict {
        case .charge:
            if sources.isNews(source) {
                note(
                    .sourceFailing, slot: slot, ordinal: ordinal,
                    "source \(source) does not answer \(slot), and is tried again: \(detail)")
            }
            return false
        case .wait:
            return true
        case .exhausted(let waited):
            note(.sourceBack, slot: "", "source \(source) is not waited for any longer")
            releaseRows(waited)
            return false
        case .opened(let slots):
            note(
                .sourceDown, slot: "", ordinal: ordinal,
                "source \(source) does not answer "
                    + (slots == 1 ? "the worker" : "\(slots) workers") + ": \(detail)")
            for history in ledger.histories.values.sorted(by: { $0.ordinal < $1.ordinal })
            where !history.sourceSlots.isEmpty && ledger.isWaiting(history.ordinal)
                && ledger.source(of: history.ordinal) == source
            {
                waitForSource(history.ordinal)
            }
            return true
        }
    }

    /// A row's source answered, whatever it said.
    mutating func sourceAnswered(_ ordinal: Int, _ slot: String) {
        guard !sources.isEmpty else { return }
        let source = ledger.source(of: ordinal)
        guard let waited = sources.answer(source, ordinal, slot: slot, limits: limits) else {
            return
        }
        note(.sourceBack, slot: slot, "source \(source) answers again")
        releaseRows(waited)
    }

    /// Rows that waited for a source wait like others again, unless they have got an outcome meanwhile.
    mutating func releaseRows(_ rows: [Int]) {
        for ordinal in rows where ledger.isSuspended(ordinal) { ledger.release(ordinal) }
    }

    /// - Precondition: the row has no outcome, and its source is known to be away.
    mutating func waitForSource(_ ordinal: Int) {
        sources.wait(ordinal, for: ledger.source(of: ordinal))
        ledger.suspend(ordinal)
    }

    func isSourceAway(of ordinal: Int) -> Bool {
        !sources.isEmpty && sources.isAway(ledger.source(of: ordinal), for: ordinal)
    }

    /// The clean row to give out next, of those whose source answers.
    mutating func nextClean() -> QueuedRow? {
        while let row = ledger.nextClean() {
            if ledger.isCut(row.ordinal) {
                // Its spans are done, and whoever was to join them gave it back.
                ledger.suspend(row.ordinal)
                shared.joins.append(row.ordinal)
                continue
            }
            guard isSourceAway(of: row.ordinal) else { return row }
            waitForSource(row.ordinal)
        }
        return nil
    }

    /// One row of each source that is away tries whether it is back.
    mutating func probeSources(at now: Instant) {
        if !sources.isEmpty {
            let (ledger, limits, count) = (ledger, limits, commits.count)
            let probes = sources.probe(at: now) {
                Self.probeInterval($0, count: count, limits: limits)
            } isWaiting: {
                ledger.isSuspended($0)
            }
            for ordinal in probes { self.ledger.release(ordinal) }
        }
        let isDown =
            sources.isAnyAway && ledger.suspendedCount > 0
            && ledger.suspendedCount == ledger.waitingCount && !hasSharedWork
            && ledger.leasedSpans == 0
        if isDown { pause(.sourceDown) } else { endPause(.sourceDown, at: now) }
    }

    /// Thirty seconds, and up to a quarter more, so that sources are not tried all at once.
    private static func probeInterval(_ source: String, count: Int, limits: ClusterLimits)
        -> Duration
    {
        let plain = limits.sourceProbe.wholeNanoseconds
        let spread = Int64(truncatingIfNeeded: jitter(source, count) % 1_024)
        return .nanoseconds(plain + plain / 4 * spread / 1_024)
    }

    // MARK: Rows that wait for their time

    /// Rows whose time has come wait like others again.
    mutating func releaseDueRows(at now: Instant) {
        for ordinal in ledger.removeDue(at: now) where !judgeAfterRest(ordinal) {
            if let rested = restUntil(ordinal, at: now) {
                ledger.hold(ordinal, until: rested)
            } else if isSourceAway(of: ordinal) {
                waitForSource(ordinal)
            } else {
                ledger.release(ordinal)
            }
        }
    }
}
