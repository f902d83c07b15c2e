internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// The end of a turn: time passes, rows are granted, a commit may start; and what a commit allows.
extension Coordinator {
    mutating func endTurn(at now: Instant) {
        lastTurn = now
        if job.isOpen {
            endSilentSessions(at: now)
            if now >= adoptionEnds, !leases.unclaimed.isEmpty { giveUpUnclaimed(at: now) }
            acknowledge()
            releaseDueRows(at: now)
            if job.isRunning { probeSources(at: now) }
            if job.mayGrant {
                grantLeases(at: now)
                helpTheSlow(at: now)
            }
            if job.isDraining { endDrainIfDue(at: now) }
        }
        advanceCommits(at: now)
        finishIfDone()
    }

    /// To be written with the next commit, as far as it is about rows.
    mutating func append(_ entry: JournalEntry) {
        if let entry = withoutSpans(entry) { commits.append(entry) }
    }

    /// Says something when everything decided so far is durable.
    mutating func afterCommit(_ consequence: Consequence) { commits.afterCommit(consequence) }

    mutating func note(
        _ kind: JobNote.Kind, slot: String, ordinal: Int? = nil, _ text: String
    ) {
        guard job.isOpen else { return }
        let row = ordinal.map { ledger.spans.row(of: $0) }
        append(.note(JobNote(kind: kind, slot: slot, ordinal: row, text: text)))
    }

    private mutating func advanceCommits(at now: Instant) {
        let isUnderWay = job.isRunning && !ledger.isComplete
        switch commits.endTurn(at: now, isUnderWay: isUnderWay, limits: limits) {
        case .wait: break
        case .say(let consequences): say(consequences)
        case .commit(let batch): effects.append(.commit(batch))
        }
    }

    mutating func finishCommit(_ number: Int) { say(commits.finish(number)) }

    private mutating func say(_ consequences: [Consequence]) {
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
        for number in sessions.order where sessions[number]?.owesAcknowledgement == true {
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
        guard job.isOpen, ledger.isComplete, commits.isSettled else { return }
        job.finish()
        for number in sessions.order {
            guard let session = sessions[number] else { continue }
            effects.append(.send(.rejected(Self.jobFinished), to: session.peer))
        }
        sessions.closeAll()
        effects.append(.finished)
    }

    static var jobFinished: Rejected {
        Rejected(code: .jobFinished, sentence: "every row of the job is recorded")
    }

    // MARK: Drain

    mutating func beginDrain(at now: Instant) {
        guard job.beginDrain(until: now + limits.drainDeadline) else { return }
        for number in sessions.order {
            guard let session = sessions[number] else { continue }
            afterCommit(.send(.drain(session: number), session.peer))
        }
    }

    /// Stops when all sessions said goodbye and everything is durable, or time is up.
    private mutating func endDrainIfDue(at now: Instant) {
        guard sessions.isEmpty || job.isDrainOver(at: now) else { return }
        // The rest stopped with the coordinator, in order: no row is suspected at the next start.
        for number in leases.numbers.sorted() { endLease(number, .drained) }
        guard commits.isSettled, !ledger.isComplete else { return }
        job.stop()
        effects.append(.stopped(job.isCancelled ? .cancelled : .drained))
    }
}

extension RowLedger {
    /// No row waits or is leased.
    fileprivate var isComplete: Bool { recorded.count == plan.rowCount }
}
