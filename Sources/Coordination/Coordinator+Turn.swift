internal import ClusterProtocol
internal import JobState
internal import SpeechTypes

/// The end of a turn: time passes, rows are granted, a commit may start; and what a commit allows.
extension Coordinator {
    mutating func endTurn(at now: Instant) {
        lastTurn = now
        if phase == .running || phase == .draining {
            endSilentSessions(at: now)
            if now >= adoptionEnds, !unclaimed.isEmpty { giveUpUnclaimed(at: now) }
            acknowledge()
            releaseDueRows(at: now)
            if phase == .running { probeSources(at: now) }
            if phase == .running, pauses.allSatisfy({ $0 == .sourceDown }) {
                grantLeases(at: now)
                helpTheSlow(at: now)
            }
            if phase == .draining { endDrainIfDue(at: now) }
        }
        if pending.since == nil, !pending.entries.isEmpty { pending.since = now }
        startCommitIfDue(at: now)
        finishIfDone()
    }

    mutating func append(_ entry: JournalEntry) {
        if case .outcome(let outcome) = entry { pending.recordBytes += outcome.record?.count ?? 0 }
        pending.entries.append(entry)
    }

    /// Says something when everything decided so far is durable.
    mutating func afterCommit(_ consequence: Consequence) {
        pending.consequences.append(consequence)
    }

    mutating func note(
        _ kind: JobNote.Kind, slot: String, ordinal: Int? = nil, _ text: String
    ) {
        guard phase == .running || phase == .draining else { return }
        append(.note(JobNote(kind: kind, slot: slot, ordinal: ordinal, text: text)))
    }

    private mutating func startCommitIfDue(at now: Instant) {
        guard committing == nil else { return }
        guard !pending.entries.isEmpty else {
            // Nothing is on its way to the disk: what is to be said depends on durable entries only.
            let consequences = pending.consequences
            pending.consequences = []
            release(consequences)
            return
        }
        let isDue =
            pending.isUrgent || phase != .running || ledger.isComplete
            || pending.entries.count >= limits.commitRowsMax
            || pending.recordBytes >= limits.commitBytesMax
            || now >= (pending.since ?? now) + limits.commitLinger
        guard isDue else { return }
        commits += 1
        committing = (commits, pending.consequences)
        effects.append(.commit(CommitBatch(number: commits, entries: pending.entries)))
        pending = Pending()
    }

    mutating func finishCommit(_ number: Int) {
        guard let open = committing, open.number == number else {
            preconditionFailure("commit \(number) is not the open one")
        }
        committing = nil
        release(open.consequences)
    }

    private mutating func release(_ consequences: [Consequence]) {
        for consequence in consequences {
            switch consequence {
            case .send(let message, let peer):
                effects.append(.send(message, to: peer))
            case .sendLease(let grant, let peer):
                effects.append(.sendLease(grant, to: peer))
            case .acknowledge(let recorded, let peer):
                if let known = sessions[recorded.session]?.durableNumber {
                    sessions[recorded.session]?.durableNumber = max(known, recorded.number)
                }
                effects.append(.send(.recorded(recorded), to: peer))
            case .answer(let answer, let peer):
                effects.append(.answer(answer, to: peer))
            case .compare(let claim):
                effects.append(.compareDuplicate(claim))
            }
        }
    }

    /// Acknowledges what this turn processed, to be sent when it is durable.
    private mutating func acknowledge() {
        for number in sessionOrder where sessions[number]?.owesAcknowledgement == true {
            guard let session = sessions[number] else { continue }
            let recorded = Recorded(
                session: number, number: session.receivedNumber,
                refusedOrdinals: session.refusedOrdinals, refusedReasons: session.refusedReasons)
            afterCommit(.acknowledge(recorded, session.peer))
            sessions[number]?.acknowledged()
        }
    }

    /// Ends the job when every row has a durable outcome.
    private mutating func finishIfDone() {
        guard phase == .running || phase == .draining,
            ledger.recorded.count == ledger.plan.rowCount,
            committing == nil, pending.entries.isEmpty, pending.consequences.isEmpty
        else { return }
        phase = .finished
        for number in sessionOrder {
            guard let session = sessions[number] else { continue }
            effects.append(.send(.rejected(Self.jobFinished), to: session.peer))
        }
        sessions.removeAll()
        sessionOrder = []
        sessionBySlot = [:]
        sessionByPeer = [:]
        effects.append(.finished)
    }

    static var jobFinished: Rejected {
        Rejected(code: .jobFinished, sentence: "every row of the job is recorded")
    }

    // MARK: Drain

    mutating func beginDrain(at now: Instant) {
        guard phase == .running else { return }
        phase = .draining
        drainEnds = now + limits.drainDeadline
        for number in sessionOrder {
            guard let session = sessions[number] else { continue }
            afterCommit(.send(.drain(session: number), session.peer))
        }
    }

    /// Stops when all sessions said goodbye and everything is durable, or time is up.
    private mutating func endDrainIfDue(at now: Instant) {
        let isLate = drainEnds.map { now >= $0 } ?? false
        guard sessions.isEmpty || isLate else { return }
        // The rest stopped with the coordinator, in order: nobody is blamed at the next start.
        for number in leases.numbers.sorted() { endLease(number, .drained) }
        unclaimed = []
        guard committing == nil, pending.entries.isEmpty, pending.consequences.isEmpty else {
            return
        }
        guard ledger.recorded.count < ledger.plan.rowCount else { return }
        phase = .stopped
        effects.append(.stopped(isCancelled ? .cancelled : .drained))
    }
}

extension RowLedger {
    /// No row waits or is leased.
    fileprivate var isComplete: Bool { recorded.count == plan.rowCount }
}
