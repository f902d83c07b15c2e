internal import ClusterProtocol
internal import CoordinatorState
internal import JobState

/// When nothing waits any more, the job ends with its slowest worker: idle ones help.
extension Coordinator {
    /// Gives idle sessions rows that others hold: first those that nobody started, then second
    /// copies of rows that are late.
    mutating func helpTheSlow(at now: Instant) {
        guard tail.isDue(at: now, interval: limits.helpInterval),
            ledger.leasedCount + ledger.leasedSpans > 0,
            nextClean() == nil
        else { return }
        tail.begin(sessions.order.compactMap { sessions[$0] }, at: now)
        let idle = sessions.order.filter { number in
            guard let session = sessions[number] else { return false }
            return session.mayBeGranted && session.leases.isEmpty
                && !fleet.isBenched(session.slot, at: now)
                && !hadRowsRevoked(session, at: now)
        }
        for thief in idle.prefix(limits.helpedAtOnceMax) where !steal(for: thief, at: now) {
            copyLateRow(for: thief, at: now)
        }
    }

    // MARK: Stealing

    /// Rows of the session were revoked a moment ago: giving it others would go in a circle.
    func hadRowsRevoked(_ session: SessionState, at now: Instant) -> Bool {
        session.revokedAt.map { now - $0 <= limits.heartbeat } ?? false
    }

    /// Asks the session that will end last for rows that it has not started.
    ///
    /// - Returns: whether rows are on their way.
    private mutating func steal(for thief: Int, at now: Instant) -> Bool {
        guard let speed = sessions[thief]?.credit.speed else { return false }
        if let helped = sessions[thief]?.helpedAt, now - helped < limits.revokePatience {
            return true
        }
        guard let victim = victim(of: thief, at: now), let session = sessions[victim] else {
            return false
        }
        // What makes both end together; the last rows of the last lease are the farthest off.
        let left = workLeft(in: victim, at: now)
        let real = session.heldAudioMilliseconds * 1_000 / max(1, left)
        let fair = session.heldAudioMilliseconds * speed / max(1, real + speed)
        var audio = 0
        for (lease, rows) in spareRows(in: victim, for: thief, at: now) where audio < fair {
            var taken: [Int] = []
            for ordinal in rows.reversed() where audio < fair {
                let length = ledger.workMilliseconds(of: ordinal)
                guard length * 1_000 / max(1, speed) < left else { continue }
                taken.append(ordinal)
                audio += length
                leases[lease]?.revoked[ordinal] = now
            }
            guard !taken.isEmpty else { continue }
            let asked = LeaseRows(session: victim, lease: lease, ordinals: taken.sorted())
            afterCommit(.send(.revoke(asked), session.peer))
        }
        guard audio > 0 else { return false }
        sessions[thief]?.helpedAt = now
        sessions[victim]?.revokedAt = now
        return true
    }

    /// The session that will end last, of those with rows to spare and enough to do.
    private func victim(of thief: Int, at now: Instant) -> Int? {
        var latest: (number: Int, work: Int)?
        for number in sessions.order where number != thief {
            let work = workLeft(in: number, at: now)
            guard work >= limits.stealWorkMin.wholeMilliseconds, work > latest?.work ?? -1,
                !isHoldingAlone(number), !spareRows(in: number, for: thief, at: now).isEmpty
            else { continue }
            latest = (number, work)
        }
        return latest?.number
    }

    /// Milliseconds until a session has done what it holds.
    ///
    /// A session whose engine is late is slower than it says. It is taken to need as long again, or few
    /// rows behind a late one would look like too little work to help with, and wait as long as it does.
    private func workLeft(in number: Int, at now: Instant) -> Int {
        guard let session = sessions[number] else { return 0 }
        let said = session.heldAudioMilliseconds * 1_000 / max(1, session.credit.speed)
        let late = session.inEngine.lazy.compactMap { ordinal in
            lease(of: ordinal, in: number).flatMap { leases[$0] }
                .flatMap { lateBy(ordinal, in: $0, at: now) }
        }.max()
        return said + max(0, late ?? stillTooLong(number, at: now))
    }

    /// Milliseconds beyond what is usual that a session has held rows and started none; 0 or less is
    /// in time.
    private func stillTooLong(_ number: Int, at now: Instant) -> Int {
        guard let since = tail.stillSince(number) else { return 0 }
        return (now - since - limits.copyAfter).wholeMilliseconds
    }

    private func isHoldingAlone(_ number: Int) -> Bool {
        sessions[number]?.leases.contains { leases[$0]?.record.isAlone == true } ?? false
    }

    /// Rows of a session that it has not started nor was asked for, by lease, the last lease first.
    private func spareRows(
        in number: Int, for thief: Int, at now: Instant
    ) -> [(lease: Int, rows: [Int])] {
        guard let session = sessions[number] else { return [] }
        let takesSpans = sessions[thief]?.computesSpans ?? false
        var spare: [(lease: Int, rows: [Int])] = []
        for lease in session.leases.reversed() {
            guard let state = leases[lease] else { continue }
            var rows = state.open.filter { ordinal in
                guard state.started[ordinal] == nil,
                    takesSpans || !ledger.spans.isSpan(ordinal)
                else { return false }
                return state.revoked[ordinal].map { now - $0 > limits.revokeAgainAfter } ?? true
            }
            // An engine that has nothing takes its first row any moment. One that is stuck is found by
            // it.
            if session.inEngine.isEmpty, lease == session.leases.first {
                rows = Array(rows.dropFirst())
            }
            if !rows.isEmpty { spare.append((lease, rows)) }
        }
        return spare
    }

    // MARK: Second copies

    /// A row that failed somewhere is judged by what comes of it there.
    private func canBeCopied(_ ordinal: Int) -> Bool {
        ledger.copy(of: ordinal) == nil && ledger.histories[ordinal] == nil
    }

    /// How long a row is overdue that was started, asked back, or held by a session that starts none:
    /// milliseconds beyond what rows usually take, negative while it is in time; nil for a row that
    /// nothing is expected of yet.
    private func lateBy(_ ordinal: Int, in lease: LeaseState, at now: Instant) -> Int? {
        let started = lease.started[ordinal]
        guard let holder = lease.holder, let session = sessions[holder],
            let since = started?.at ?? lease.revoked[ordinal] ?? tail.stillSince(holder)
        else { return nil }
        let audio = started?.batchAudioMilliseconds ?? ledger.workMilliseconds(of: ordinal)
        let predicted = audio * 1_000 / max(1, session.credit.speed)
        let allowed = max(limits.copyAfter.wholeMilliseconds, predicted * tail.allowedPercent / 100)
        return (now - since).wholeMilliseconds - allowed
    }

    /// Leases the row that is later than any other once more, alone: whatever holds it up in the
    /// one engine, a death in the other then speaks for itself.
    private mutating func copyLateRow(for thief: Int, at now: Instant) {
        let copies = leases.values.count { $0.isCopy }
        guard copies < max(1, sessions.count / 20), let session = sessions[thief] else { return }
        var latest: (ordinal: Int, lateBy: Int)?
        for number in leases.numbers.sorted() {
            guard let lease = leases[number], !lease.record.isAlone, !lease.isCopy,
                let holder = lease.holder, holder != thief
            else { continue }
            for ordinal in lease.open where canBeCopied(ordinal) {
                guard session.computesSpans || !ledger.spans.isSpan(ordinal) else { continue }
                guard let lateBy = lateBy(ordinal, in: lease, at: now) else { continue }
                if lateBy > 0, lateBy > latest?.lateBy ?? 0 { latest = (ordinal, lateBy) }
            }
        }
        guard let ordinal = latest?.ordinal else { return }
        ledger.addCopy(ordinal, lease: leases.nextNumber)
        note(
            .rowCopied, slot: session.slot, ordinal: ordinal,
            "late elsewhere by \(latest?.lateBy ?? 0) ms")
        grant(
            [
                QueuedRow(
                    audioMilliseconds: ledger.workMilliseconds(of: ordinal), ordinal: ordinal)
            ],
            isAlone: true, isCopy: true, to: thief)
    }
}
