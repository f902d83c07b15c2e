internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// What operators ask for, and what else pauses a job.
extension Coordinator {
    mutating func perform(_ command: OperatorCommand, from peer: PeerID, at now: Instant) {
        let answer: OperatorAnswer?
        if job.isFinished {
            answer = OperatorAnswer(
                isDone: false,
                sentence: "the job is finished; run it again with --retry-quarantined to try "
                    + "quarantined rows again")
        } else if job.isDraining, command != .cancel {
            answer = OperatorAnswer(isDone: false, sentence: "the coordinator is stopping")
        } else {
            answer =
                switch command {
                case .pause: pauseByOperator()
                case .resume: resumeByOperator(at: now)
                case .retry(.row(let ordinal)): retry(row: ordinal)
                case .retry(.allQuarantined): retryQuarantined()
                case .drain(let slot): drain(slot: slot)
                case .cancel: cancel(at: now)
                case .export: nil
                }
        }
        // It changes nothing and is answered when it is done.
        guard let answer else { return effects.append(.exportSnapshot(answerTo: peer)) }
        if answer.isDone { note(.operatorCommand, slot: "", answer.sentence) }
        commits.hurry()
        afterCommit(.answer(answer, peer))
    }

    // MARK: Pauses

    /// The job is paused for one more reason.
    mutating func pause(_ reason: PauseReason) {
        guard job.pause(reason) else { return }
        append(.pauses(job.pauses))
        note(.jobPaused, slot: "", reason.rawValue)
    }

    /// A reason for a pause is gone.
    mutating func endPause(_ reason: PauseReason, at now: Instant) {
        guard job.endPause(reason) else { return }
        // The time that nobody was to work says nothing about how fast they are.
        if job.pauses.isEmpty { progress.restartSpeed(window: limits.speedWindow, at: now) }
        append(.pauses(job.pauses))
        note(.jobResumed, slot: "", reason.rawValue)
    }

    private mutating func pauseByOperator() -> OperatorAnswer {
        pause(.operator)
        return OperatorAnswer(
            isDone: true, sentence: "paused: workers finish what they hold and get nothing more")
    }

    private mutating func resumeByOperator(at now: Instant) -> OperatorAnswer {
        endPause(.operator, at: now)
        endPause(.suspectFleet, at: now)
        sessions.endDrains()
        fleet = FleetHealth()
        releaseRows(sources.closeAll())
        guard !job.pauses.isEmpty else { return OperatorAnswer(isDone: true, sentence: "resumed") }
        let reasons = job.pauses.map(\.rawValue).joined(separator: ", ")
        return OperatorAnswer(
            isDone: true, sentence: "resumed, but still paused until this is over: \(reasons)")
    }

    // MARK: Retry

    private mutating func retry(row ordinal: Int) -> OperatorAnswer {
        guard progress.failedRows[ordinal] != nil else {
            return OperatorAnswer(
                isDone: false,
                sentence: "no worker gave up row \(ordinal); there is nothing to retry")
        }
        takeBack([ordinal])
        return OperatorAnswer(isDone: true, sentence: "row \(ordinal) is tried again", count: 1)
    }

    private mutating func retryQuarantined() -> OperatorAnswer {
        let ordinals = progress.failedRows.filter { $0.value.status == .quarantined }.map(\.key)
            .sorted()
        guard !ordinals.isEmpty else {
            return OperatorAnswer(isDone: false, sentence: "no row is quarantined")
        }
        takeBack(ordinals)
        return OperatorAnswer(
            isDone: true, sentence: "\(ordinals.count) quarantined rows are tried again",
            count: ordinals.count)
    }

    /// The one way out of recorded: rows wait again as if they had never been tried.
    private mutating func takeBack(_ ordinals: [Int]) {
        for ordinal in ordinals {
            guard progress.takeBack(ordinal) else { continue }
            ledger.reopen(ordinal)
        }
        append(.retried(ordinals))
    }

    // MARK: Drain and cancel

    private mutating func drain(slot: String) -> OperatorAnswer {
        guard let number = sessions.number(inSlot: slot), let session = sessions[number] else {
            return OperatorAnswer(isDone: false, sentence: "no worker is in slot \(slot)")
        }
        sessions.drain(number)
        afterCommit(.send(.drain(session: number), session.peer))
        return OperatorAnswer(
            isDone: true, sentence: "the worker in slot \(slot) finishes its batch and ends",
            count: 1)
    }

    private mutating func cancel(at now: Instant) -> OperatorAnswer {
        let count = sessions.count
        job.cancel(at: now)
        for number in sessions.order {
            guard let session = sessions[number] else { continue }
            endSession(number, .drained, at: now)
            afterCommit(.send(.rejected(Self.cancelled), session.peer))
        }
        return OperatorAnswer(
            isDone: true, sentence: "cancelled; the same command goes on with the job", count: count
        )
    }

    static var cancelled: Rejected {
        Rejected(code: .cancelled, sentence: "an operator cancelled the job")
    }
}
