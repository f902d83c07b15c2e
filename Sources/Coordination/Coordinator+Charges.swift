internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// What a failure costs: each class has its own budget, kept with the row.
extension Coordinator {
    mutating func receive(_ failure: Failure, at now: Instant) {
        let number = failure.session
        guard isNew(failure.number, in: number), let slot = sessions[number]?.slot else { return }
        let isInput = failure.failureClass == .input
        // An `input` failure rejects, every other class quarantines: a code of the other kind, or
        // another row's digest, is a mistake of the worker.
        guard ledger.knows(failure.ordinal),
            ledger.rowDigest(of: failure.ordinal) == failure.rowDigest,
            failure.failureClass != .lost, isInput == (failure.code.status == .rejected)
        else {
            effects.append(.send(.refused(.outOfState), to: sessions[number]?.peer ?? PeerID([])))
            if isCurrent(failure.lease, of: failure.ordinal, number) {
                giveBack(failure.ordinal, from: failure.lease)
            }
            countRefusal(in: number, at: now)
            return
        }
        showsProgress(number)
        guard isCurrent(failure.lease, of: failure.ordinal, number) else { return }
        progress.rowsRetried += 1
        note(
            .rowFailed, slot: slot, ordinal: failure.ordinal,
            "\(failure.code.rawValue): \(failure.detail)")
        if failure.failureClass != .source { sourceAnswered(failure.ordinal, slot) }
        let history = ledger.histories[failure.ordinal] ?? AttemptHistory(ordinal: failure.ordinal)
        switch failure.failureClass {
        case .input: chargeInput(failure, slot, history)
        case .source: chargeSource(failure, slot, history, at: now)
        case .memory: chargeMemory(failure, slot, history)
        case .worker: chargeWorker(failure, slot, history, at: now)
        case .engine, .lost: chargeEngine(failure, slot, history)
        }
        // A row that could not be made of its spans is computed whole.
        if ledger.isCut(failure.ordinal), ledger.isWaiting(failure.ordinal) {
            endSharing(of: failure.ordinal)
        }
    }

    /// A missing mount looks like a missing file, so another worker is asked before the row is
    /// rejected.
    private mutating func chargeInput(_ failure: Failure, _ slot: String, _ known: AttemptHistory) {
        var history = known
        let window = limits.misreadWindow
        sessions[failure.session]?.misreadings.add(failure.ordinal, isFailure: true, window: window)
        history.inputSlots.append(slot)
        history.inputCode = Self.furthest(history.inputCode, failure.code)
        guard history.inputSlots.count >= limits.inputTriesMax, let code = history.inputCode else {
            charge(history, lease: failure.lease)
            return
        }
        giveUp(failure.ordinal, code, slot, failure.lease, failure.detail)
    }

    /// Of two opinions on a row, the one that got further into the file, so that the outcome does
    /// not depend on who was asked first.
    private static func furthest(_ first: FailureCode?, _ second: FailureCode) -> FailureCode {
        guard let first else { return second }
        let order = FailureCode.allCases
        let positions = [first, second].map { order.firstIndex(of: $0) ?? 0 }
        return positions[0] > positions[1] ? first : second
    }

    private mutating func chargeSource(
        _ failure: Failure, _ slot: String, _ known: AttemptHistory, at now: Instant
    ) {
        var history = known
        guard !sourceFailed(failure.ordinal, slot, failure.detail, at: now) else {
            // The source is at fault, not the row: it waits behind the breaker, uncharged.
            giveBack(failure.ordinal, from: failure.lease)
            if ledger.isWaiting(failure.ordinal) { waitForSource(failure.ordinal) }
            return
        }
        history.sourceSlots.append(slot)
        guard history.sourceSlots.count < limits.sourceTriesMax else {
            giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
            return
        }
        ledger.hold(failure.ordinal, until: now + backoff(of: history))
        charge(history, lease: failure.lease)
    }

    /// A second, two, four, … five minutes, and up to a quarter more.
    func backoff(of history: AttemptHistory) -> Duration {
        let tries = history.sourceSlots.count + history.workerSlots.count
        let doubled = limits.sourceBackoffMin.wholeNanoseconds << min(max(0, tries - 1), 16)
        let plain = min(doubled, limits.sourceBackoffMax.wholeNanoseconds)
        let spread = Int64(truncatingIfNeeded: jitter("row \(history.ordinal)", tries) % 1_024)
        return .nanoseconds(plain + plain / 4 * spread / 1_024)
    }

    private mutating func chargeMemory(_ failure: Failure, _ slot: String, _ known: AttemptHistory)
    {
        var history = known
        history.memorySizes.append(sessions[failure.session]?.memoryBytes ?? 0)
        guard history.memorySizes.count >= limits.memoryTriesMax else {
            charge(history, lease: failure.lease)
            return
        }
        giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
    }

    /// The worker failed itself: the row is only so often near by chance.
    private mutating func chargeWorker(
        _ failure: Failure, _ slot: String, _ known: AttemptHistory, at now: Instant
    ) {
        var history = known
        if fleet.workerFailed(in: slot, at: now, limits: limits) {
            bench(slot, "its worker failed \(limits.workerFailuresMax) times", at: now)
        }
        history.workerSlots.append(slot)
        guard history.workerSlots.count >= limits.workerTriesMax else {
            ledger.hold(failure.ordinal, until: now + backoff(of: history))
            charge(history, lease: failure.lease)
            return
        }
        giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
    }

    private mutating func chargeEngine(_ failure: Failure, _ slot: String, _ known: AttemptHistory)
    {
        var history = known
        if fleet.engineFailed(in: slot, limits: limits) { pause(.suspectFleet) }
        guard !job.pauses.contains(.suspectFleet) else {
            // A wrong build must not quarantine an archive.
            giveBack(failure.ordinal, from: failure.lease)
            return
        }
        history.engineSlots.append(slot)
        guard history.engineSlots.count >= limits.engineTriesMax else {
            charge(history, lease: failure.lease)
            return
        }
        giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
    }

    /// Charges a failure to a leased row, which then waits for another try.
    private mutating func charge(_ history: AttemptHistory, lease: Int) {
        ledger.setHistory(history)
        append(.history(history))
        giveBack(history.ordinal, from: lease)
    }

    mutating func giveUp(
        _ ordinal: Int, _ code: FailureCode, _ slot: String, _ lease: Int, _ detail: String
    ) {
        // What becomes of a span becomes of its row.
        let ordinal = ledger.spans.row(of: ordinal)
        record(
            RowOutcome(
                ordinal: ordinal, rowDigest: ledger.plan.rowDigest(of: ordinal),
                status: code.status, code: code, slot: slot, lease: lease, detail: detail))
    }

    // MARK: Slots

    mutating func bench(_ slot: String, _ reason: String, at now: Instant) {
        fleet.bench(slot, at: now, limits: limits)
        note(.slotBenched, slot: slot, "gets no work for a while: \(reason)")
    }

    /// A row that some could not read was read: what is wrong is at their place.
    mutating func refuteMisreadings(of ordinal: Int, by slot: String, at now: Instant) {
        guard let history = ledger.histories[ordinal] else { return }
        for other in Set(history.inputSlots).sorted() where other != slot {
            guard let number = sessions.number(inSlot: other),
                let misread = sessions[number]?.misreadings.refute(ordinal),
                misread * 2 >= limits.misreadWindow, !fleet.isBenched(other, at: now)
            else { continue }
            bench(other, "others read \(misread) rows that its worker could not", at: now)
        }
    }

    /// A worker that stood still works again.
    mutating func showsProgress(_ number: Int) {
        guard sessions[number]?.isBenched == true, let instance = sessions[number]?.instance
        else { return }
        sessions[number]?.isBenched = false
        sessions.noteProgress(of: instance)
    }
}
