internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// Who works on which rows.
extension Coordinator {
    // MARK: Granting

    /// Gives waiting rows to sessions that may hold more.
    mutating func grantLeases(at now: Instant) {
        guard ledger.waitingCount > ledger.suspendedCount || hasSharedWork else { return }
        let numbers = candidates(at: now)
        if !numbers.isEmpty { endSharingWithNobody() }
        let fleetSpeed = numbers.reduce(0) { $0 + (sessions[$1]?.credit.speed ?? 0) }
        // Where a row suits best is only asked of rows that failed before.
        let candidates = ledger.mayHaveFailedRows ? numbers.compactMap { sessions[$0] } : []
        let reserved = sessionsForAloneRows(among: candidates)
        for number in numbers {
            guard let held = sessions[number]?.leases else { continue }
            if held.isEmpty, grantAlone(to: number, among: candidates) { continue }
            let isExclusive = held.contains { leases[$0]?.record.isAlone == true }
            guard !isExclusive, !reserved.contains(number) else { continue }
            // A worker that has nothing gets a second lease at once: one in hand.
            while grantNext(to: number, among: candidates, fleetSpeed: fleetSpeed) {}
        }
    }

    /// The sessions that may be given rows, in the order in which they are.
    func candidates(at now: Instant) -> [Int] {
        var idle: [Int] = []
        var busy: [Int] = []
        var reclaimed: [Int] = []
        for number in sessions.order {
            guard let session = sessions[number], session.mayBeGranted,
                !fleet.isBenched(session.slot, at: now)
            else { continue }
            // Idle ones first: rows that were revoked from slow workers are meant for them.
            if hadRowsRevoked(session, at: now) {
                reclaimed.append(number)
            } else if session.leases.isEmpty {
                idle.append(number)
            } else {
                busy.append(number)
            }
        }
        return idle.isEmpty && busy.isEmpty ? reclaimed : idle + busy
    }

    /// Sessions that get nothing else until they are empty, so that suspects find a place: an
    /// eighth of the fleet at most.
    mutating func sessionsForAloneRows(among candidates: [SessionState]) -> Set<Int> {
        var reserved: Set<Int> = []
        guard !candidates.isEmpty, ledger.hasRow(in: .alone, where: { _ in true }) else {
            return []
        }
        for session in candidates where reserved.count < max(1, candidates.count / 8) {
            if ledger.hasRow(in: .alone, where: suitability(for: session, among: candidates)) {
                reserved.insert(session.number)
            }
        }
        return reserved
    }

    private mutating func grantAlone(
        to number: Int, among candidates: [SessionState]
    ) -> Bool {
        guard ledger.mayHaveFailedRows, let session = sessions[number],
            let row = ledger.removeFirst(
                from: .alone, where: suitability(for: session, among: candidates))
        else { return false }
        ledger.lease(row.ordinal, to: leases.nextNumber)
        grant([row], isAlone: true, to: number)
        return true
    }

    /// Grants one lease of the size that suits the session now.
    ///
    /// - Returns: whether the session may hold another.
    private mutating func grantNext(
        to number: Int, among candidates: [SessionState], fleetSpeed: Int
    ) -> Bool {
        if grantShared(to: number, fleetSpeed: fleetSpeed) { return true }
        guard var bounds = leaseBounds(for: number, fleetSpeed: fleetSpeed) else { return false }
        let lengths = ledger.lengths
        var rows: [QueuedRow] = []
        if ledger.mayHaveFailedRows, let session = sessions[number] {
            let suits = suitability(for: session, among: candidates)
            while let row = ledger.removeFirst(
                from: .elsewhere, where: { suits($0) && bounds.fits($0, lengths) })
            {
                ledger.lease(row.ordinal, to: leases.nextNumber)
                bounds.add(row.ordinal, lengths)
                rows.append(row)
            }
        }
        while let row = nextClean(), bounds.fits(row.ordinal, lengths) {
            ledger.lease(row.ordinal, to: leases.nextNumber)
            bounds.add(row.ordinal, lengths)
            rows.append(row)
        }
        guard !rows.isEmpty else { return false }
        grant(rows, isAlone: false, to: number)
        return true
    }

    /// Nil if the session may not hold a whole lease more: results that trickle in would otherwise be
    /// answered by leases that trickle out.
    private func leaseBounds(for number: Int, fleetSpeed: Int) -> LeaseBounds? {
        guard let session = sessions[number], session.leases.count < limits.heldLeasesMax
        else { return nil }
        let rowsTarget = min(limits.leaseRowsMax, max(1, session.credit.rows / 2))
        let rowsMax = min(rowsTarget, session.credit.rows - session.heldRows)
        let target = leaseAudio(speed: session.credit.speed, fleetSpeed: fleetSpeed)
        let audioMax = min(
            target, session.credit.audioMilliseconds - session.heldAudioMilliseconds)
        let isIdle = session.heldRows == 0
        guard isIdle || (audioMax >= target && rowsMax >= rowsTarget) else { return nil }
        return LeaseBounds(
            isIdle: isIdle, audioMax: audioMax, rowsMax: rowsMax, bytesMax: limits.leaseBytesMax)
    }

    /// Audio of one lease: about `leaseWork` at the worker's speed, less when the end is near.
    func leaseAudio(speed: Int, fleetSpeed: Int) -> Int {
        let full = speed * limits.leaseWork.wholeMilliseconds / 1_000
        // The fleet needs waiting ÷ fleet speed for the rest; half of that is one lease's time.
        let tail = Double(ledger.waitingAudioMilliseconds) / (2 * Double(max(1, fleetSpeed)))
        let guided = Int(min(tail * Double(speed), Double(full)))
        // A second of work at least: a batch, not a trickle.
        return max(1, min(full, max(guided, speed)))
    }

    /// - Precondition: the ledger has the rows as leased to `leases.nextNumber`.
    mutating func grant(
        _ rows: [QueuedRow], isAlone: Bool, isCopy: Bool = false, to number: Int
    ) {
        guard let session = sessions[number] else { return }
        let (slot, peer) = (session.slot, session.peer)
        let lease = leases.nextNumber
        let ordinals = rows.map(\.ordinal)
        let record = LeaseRecord(
            lease: lease, slot: slot, instance: session.instance, session: number,
            isAlone: isAlone, ordinals: ordinals)
        leases.grant(record, to: number, isCopy: isCopy)
        if session.leases.isEmpty { commits.hurry() }
        // Not as they were queued: a worker may have measured them meanwhile.
        let audio = ordinals.reduce(0) { $0 + ledger.workMilliseconds(of: $1) }
        sessions[number]?.addLease(lease, rows: rows.count, audioMilliseconds: audio)
        append(.leaseGranted(record))
        let grant = LeaseGrant(
            session: number, lease: lease, isAlone: isAlone, ordinals: ordinals,
            parts: parts(of: ordinals, for: session))
        afterCommit(.sendLease(grant, peer))
    }

    // MARK: Which slot suits a row

    /// Whether a session should get a row that failed before: no live session suits it better.
    private func suitability(
        for session: SessionState, among candidates: [SessionState]
    ) -> (Int) -> Bool {
        let histories = ledger.histories
        let spans = ledger.spans
        return { ordinal in
            let isSpan = spans.isSpan(ordinal)
            guard !isSpan || session.computesSpans else { return false }
            guard let history = histories[ordinal] else { return true }
            let own = history.distance(to: session.slot, memoryBytes: session.memoryBytes)
            return own == AttemptHistory.distanceMax
                || !candidates.contains {
                    (!isSpan || $0.computesSpans)
                        && history.distance(to: $0.slot, memoryBytes: $0.memoryBytes) > own
                }
        }
    }

    // MARK: Progress and ends

    /// Rows entered the engine of a session; those it does not hold (any more) are passed over.
    mutating func rowsStarted(_ ordinals: [Int], in number: Int, at now: Instant) {
        var fresh: [(lease: Int, ordinals: [Int])] = []
        var entered: [Int] = []
        var audio = 0
        for ordinal in ordinals where ledger.knows(ordinal) {
            guard let lease = lease(of: ordinal, in: number) else { continue }
            entered.append(ordinal)
            losses.forgetUntoldLosses(of: ordinal)
            guard leases[lease]?.started[ordinal] == nil else { continue }
            audio += ledger.workMilliseconds(of: ordinal)
            if fresh.last?.lease == lease {
                fresh[fresh.count - 1].ordinals.append(ordinal)
            } else {
                fresh.append((lease, [ordinal]))
            }
        }
        sessions[number]?.inEngine.formUnion(entered)
        if !entered.isEmpty { progress.start(speedWindow: limits.speedWindow, at: now) }
        let start = StartedRow(at: now, batchAudioMilliseconds: audio)
        for group in fresh {
            leases[group.lease]?.start(group.ordinals, start)
            append(.leaseStarted(lease: group.lease, ordinals: group.ordinals))
        }
    }

    /// Rows turn out to be longer or shorter than planned: what is left to do changes with them.
    mutating func rowsMeasured(_ rows: [MeasuredRow], in number: Int) {
        for row in rows where ledger.knows(row.ordinal) {
            guard let lease = lease(of: row.ordinal, in: number) else { continue }
            let more = ledger.measure(row.ordinal, as: row.length)
            guard more != 0 else { continue }
            leases[lease]?.started[row.ordinal]?.batchAudioMilliseconds += more
            let holders = [ledger.lease(of: row.ordinal), ledger.copy(of: row.ordinal)]
            for case let lease? in holders {
                guard let holder = leases[lease]?.holder else { continue }
                sessions[holder]?.heldAudioMilliseconds += more
            }
        }
    }

    /// The lease through which a session has a row.
    func lease(of ordinal: Int, in session: Int) -> Int? {
        if let lease = ledger.lease(of: ordinal), leases[lease]?.holder == session { return lease }
        if let copy = ledger.copy(of: ordinal), leases[copy]?.holder == session { return copy }
        return nil
    }

    /// A row that has its outcome leaves its leases; who has it for nothing now is told.
    ///
    /// - Parameter slot: where the outcome came from.
    mutating func leaveLeases(_ ordinal: Int, outcomeFrom slot: String) {
        let copy = ledger.copy(of: ordinal)
        if let lease = ledger.lease(of: ordinal) {
            leave(ordinal, lease: lease, outcomeFrom: slot)
        }
        if let copy { leave(ordinal, lease: copy, outcomeFrom: slot) }
    }

    private mutating func leave(_ ordinal: Int, lease number: Int, outcomeFrom slot: String) {
        if let holder = leases[number]?.holder, let session = sessions[holder],
            session.slot != slot
        {
            let rows = LeaseRows(session: holder, lease: number, ordinals: [ordinal])
            afterCommit(.send(.dismiss(rows), session.peer))
        }
        leave(ordinal, lease: number)
    }

    /// A row leaves a lease, which is over when its last row leaves.
    ///
    /// The ledger is the caller's business.
    private mutating func leave(_ ordinal: Int, lease number: Int) {
        guard let left = leases[number]?.removeRow(ordinal) else { return }
        if let holder = left.holder {
            let audio = ledger.workMilliseconds(of: ordinal)
            sessions[holder]?.removeRow(ordinal, audioMilliseconds: audio)
        }
        if left.isLast { closeLease(number, .finished) }
    }

    /// A lease lets go of a row, which waits again unless another has it too.
    mutating func giveBack(_ ordinal: Int, from lease: Int) {
        leave(ordinal, lease: lease)
        ledger.unlease(ordinal, by: lease)
    }

    /// Ends a lease; its open rows wait again.
    mutating func endLease(_ number: Int, _ end: LeaseEnd) {
        guard let lease = leases[number] else { return }
        for ordinal in lease.open {
            if let holder = lease.holder {
                let audio = ledger.workMilliseconds(of: ordinal)
                sessions[holder]?.removeRow(ordinal, audioMilliseconds: audio)
            }
            ledger.unlease(ordinal, by: number)
        }
        closeLease(number, end)
    }

    private mutating func closeLease(_ number: Int, _ end: LeaseEnd) {
        guard let lease = leases.remove(number) else { return }
        if let holder = lease.holder { sessions[holder]?.leases.removeAll { $0 == number } }
        append(.leaseEnded(lease: number, end))
    }

    /// Rows that a worker gave back unstarted.
    mutating func receive(_ release: Release) {
        guard isNew(release.number, in: release.session) else { return }
        for ordinal in release.ordinals where isCurrent(release.lease, of: ordinal, release.session)
        {
            giveBack(ordinal, from: release.lease)
        }
    }

    /// Notes a numbered message; false if it was seen before.
    mutating func isNew(_ number: Int, in session: Int) -> Bool {
        let aheadMax = limits.messagesAheadMax
        return sessions[session]?.receive(number: number, aheadMax: aheadMax) ?? false
    }

    /// The fence: a lease means something only if it holds the row now and the session holds it.
    func isCurrent(_ lease: Int, of ordinal: Int, _ session: Int) -> Bool {
        ledger.knows(ordinal)
            && (ledger.lease(of: ordinal) == lease || ledger.copy(of: ordinal) == lease)
            && leases[lease]?.holder == session
    }
}
