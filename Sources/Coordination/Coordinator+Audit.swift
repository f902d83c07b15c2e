internal import CoordinatorState
package import JobState
internal import SpeechTypes

/// Checks of the state against itself, for the simulation: what must hold after every turn.
extension Coordinator {
    /// Everything that is decided is durable once this commit is: nothing else is pending.
    package func isSettled(byCommit number: Int) -> Bool {
        commits.isSettled(byCommit: number)
    }

    /// The hard state as a restart would find it, were all entries durable.
    package var hardState: ReplayState {
        ReplayState(
            epoch: epoch, recorded: ledger.recorded, counts: progress.counts,
            transcribedAudioMilliseconds: progress.transcribedAudioMilliseconds,
            lastLease: leases.nextNumber - 1,
            openLeases: leases.numbers.sorted().compactMap { number in
                leases[number].map { lease in
                    var record = lease.record
                    record.ordinals = lease.open.filter { !ledger.spans.isSpan($0) }
                    record.started = record.ordinals.filter { lease.started[$0] != nil }
                    return record
                }
            },
            histories: ledger.histories.values.filter { !ledger.spans.isSpan($0.ordinal) }
                .sorted { $0.ordinal < $1.ordinal }, facts: facts,
            pauses: job.pauses, givenUp: progress.failedRows)
    }

    /// What is remembered beside the rows: level in a job of any length, but for the name of each
    /// process that was replaced or stood still, some 70 bytes, which may come back at any time.
    package var remembered: Int {
        let open = leases.values.reduce(0) { $0 + $1.open.count + $1.started.count }
        let heard = sessions.values.reduce(0) { $0 + $1.receivedAhead.count + $1.inEngine.count }
        return open + leases.unclaimed.count + losses.count + sources.count + sessions.count
            + sessions.indexCount + heard + fleet.count + ledger.histories.count
            + ledger.lengths.measured.count + commits.waitingCount + shared.count
    }

    /// What does not add up; empty if all does.
    package func contradictions() -> [String] {
        var found: [String] = []
        func check(_ holds: Bool, _ sentence: @autoclosure () -> String) {
            if !holds { found.append(sentence()) }
        }
        var leased = 0
        for number in leases.numbers.sorted() {
            guard let lease = leases[number] else { continue }
            leased += lease.open.count { ledger.lease(of: $0) == number }
            check(!lease.open.isEmpty, "I7: lease \(number) is open without rows")
            check(number < leases.nextNumber, "I7: lease \(number) is beyond the last number")
            for ordinal in lease.open {
                check(
                    ledger.lease(of: ordinal) == number || ledger.copy(of: ordinal) == number,
                    "I7: row \(ordinal) is in two leases")
            }
            if let holder = lease.holder {
                check(
                    sessions[holder]?.leases.contains(number) == true,
                    "I7: lease \(number) is of a session that does not have it")
            } else {
                check(leases.unclaimed.contains(number), "I7: lease \(number) is nobody's")
            }
        }
        let counted = ledger.leasedCount + ledger.leasedSpans
        check(leased == counted, "I17: \(counted) leased, counted \(leased)")
        check(ledger.waitingCount >= 0, "I17: fewer than no rows wait")
        check(
            progress.counts.total == ledger.recorded.count,
            "I17: \(progress.counts.total) outcomes for \(ledger.recorded.count) recorded rows")
        found += ledger.contradictions()
        for number in sessions.order { found += contradictions(in: number) }
        check(sessions.order.count == sessions.count, "a session is not in the order")
        return found
    }

    /// P2: sessions that could be given rows and have none after a turn, though rows wait that anybody may have.
    package func idleSessionsWithRowsWaiting(at now: Instant) -> [Int] {
        guard job.mayGrant, ledger.waitingCount > ledger.suspendedCount || hasSharedWork
        else { return [] }
        let candidates = candidates(at: now)
        let idle = candidates.filter { sessions[$0]?.leases.isEmpty == true }
        guard !idle.isEmpty else { return [] }
        var copy = self
        let rowWaits = copy.nextClean() != nil
        let spanWaits = copy.nextSpan() != nil
        guard rowWaits || spanWaits else { return [] }
        // Some are kept free for rows that must be alone.
        let reserved = copy.sessionsForAloneRows(among: candidates.compactMap { sessions[$0] })
        return idle.filter { number in
            !reserved.contains(number) && (rowWaits || sessions[number]?.computesSpans == true)
        }
    }

    private func contradictions(in number: Int) -> [String] {
        guard let session = sessions[number] else { return ["session \(number) is gone"] }
        let open = session.leases.flatMap { leases[$0]?.open ?? [] }
        let audio = open.reduce(0) { $0 + ledger.workMilliseconds(of: $1) }
        let isAlone = session.leases.contains { leases[$0]?.record.isAlone == true }
        var found: [String] = []
        if open.count != session.heldRows || audio != session.heldAudioMilliseconds {
            found.append("session \(number) holds other rows than its leases")
        }
        if isAlone, session.leases.count > 1 {
            found.append("session \(number) has a row alone and others")
        }
        if !session.inEngine.isSubset(of: open) {
            found.append("session \(number) has rows in the engine that it does not hold")
        }
        if session.durableNumber > session.receivedNumber {
            found.append("I5: session \(number) was told more than it sent")
        }
        return found
    }
}

extension RowLedger {
    /// What does not add up; looks at every row.
    fileprivate func contradictions() -> [String] {
        var waiting = 0
        var leased = 0
        var recordings = 0
        for ordinal in 0..<spans.ordinalCount where !isRecorded(ordinal) {
            if !spans.isSpan(ordinal) { recordings += length(of: ordinal).milliseconds }
            if lease(of: ordinal) == nil {
                waiting += workMilliseconds(of: ordinal)
            } else {
                leased += workMilliseconds(of: ordinal)
            }
        }
        var found: [String] = []
        if waiting != waitingAudioMilliseconds || leased != leasedAudioMilliseconds
            || recordings != openRecordingMilliseconds
        {
            found.append("I17: the audio that waits or is leased was miscounted")
        }
        for ordinal in histories.keys.sorted() where isRecorded(ordinal) {
            found.append("row \(ordinal) is recorded and has an attempt history")
        }
        return found
    }
}
