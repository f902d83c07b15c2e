internal import ClusterProtocol
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
        guard (0..<ledger.plan.rowCount).contains(failure.ordinal),
            ledger.plan.rowDigest(of: failure.ordinal) == failure.rowDigest,
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
        let trouble = ledger.troubles[failure.ordinal] ?? AttemptHistory(ordinal: failure.ordinal)
        switch failure.failureClass {
        case .input: chargeInput(failure, slot, trouble)
        case .source: chargeSource(failure, slot, trouble, at: now)
        case .memory: chargeMemory(failure, slot, trouble)
        case .worker: chargeWorker(failure, slot, trouble, at: now)
        case .engine, .lost: chargeEngine(failure, slot, trouble)
        }
    }

    /// A missing mount looks like a missing file, so another worker is asked before the row is
    /// rejected.
    private mutating func chargeInput(_ failure: Failure, _ slot: String, _ known: AttemptHistory) {
        var trouble = known
        let window = limits.misreadWindow
        sessions[failure.session]?.misreadings.add(failure.ordinal, isFailure: true, window: window)
        trouble.inputSlots.append(slot)
        trouble.inputCode = Self.furthest(trouble.inputCode, failure.code)
        guard trouble.inputSlots.count >= limits.inputTriesMax, let code = trouble.inputCode else {
            charge(trouble, lease: failure.lease)
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
        var trouble = known
        guard !sourceFailed(failure.ordinal, slot, at: now) else {
            // The source is at fault, not the row: it waits behind the breaker, uncharged.
            giveBack(failure.ordinal, from: failure.lease)
            if ledger.isWaiting(failure.ordinal) { waitForSource(failure.ordinal) }
            return
        }
        trouble.sourceSlots.append(slot)
        guard trouble.sourceSlots.count < limits.sourceTriesMax else {
            giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
            return
        }
        ledger.hold(failure.ordinal, until: now + backoff(of: trouble))
        charge(trouble, lease: failure.lease)
    }

    /// A second, two, four, … five minutes, and up to a quarter more.
    func backoff(of trouble: AttemptHistory) -> Duration {
        let tries = trouble.sourceSlots.count + trouble.workerSlots.count
        let doubled = limits.sourceBackoffMin.wholeNanoseconds << min(max(0, tries - 1), 16)
        let plain = min(doubled, limits.sourceBackoffMax.wholeNanoseconds)
        let spread = Int64(truncatingIfNeeded: jitter("row \(trouble.ordinal)", tries) % 1_024)
        return .nanoseconds(plain + plain / 4 * spread / 1_024)
    }

    private mutating func chargeMemory(_ failure: Failure, _ slot: String, _ known: AttemptHistory)
    {
        var trouble = known
        trouble.memorySizes.append(sessions[failure.session]?.memoryBytes ?? 0)
        guard trouble.memorySizes.count >= limits.memoryTriesMax else {
            charge(trouble, lease: failure.lease)
            return
        }
        giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
    }

    /// The worker's own trouble: the row is only so often in the way of it.
    private mutating func chargeWorker(
        _ failure: Failure, _ slot: String, _ known: AttemptHistory, at now: Instant
    ) {
        var trouble = known
        if fleet.workerFailed(in: slot, at: now, limits: limits) {
            bench(slot, "its worker failed \(limits.workerFailuresMax) times", at: now)
        }
        trouble.workerSlots.append(slot)
        guard trouble.workerSlots.count >= limits.workerTriesMax else {
            ledger.hold(failure.ordinal, until: now + backoff(of: trouble))
            charge(trouble, lease: failure.lease)
            return
        }
        giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
    }

    private mutating func chargeEngine(_ failure: Failure, _ slot: String, _ known: AttemptHistory)
    {
        var trouble = known
        if fleet.engineFailed(in: slot, limits: limits) { pause(.suspectFleet) }
        guard !job.pauses.contains(.suspectFleet) else {
            // A wrong build must not quarantine an archive.
            giveBack(failure.ordinal, from: failure.lease)
            return
        }
        trouble.engineSlots.append(slot)
        guard trouble.engineSlots.count >= limits.engineTriesMax else {
            charge(trouble, lease: failure.lease)
            return
        }
        giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
    }

    /// Notes trouble of a leased row, which then waits for another try.
    private mutating func charge(_ trouble: AttemptHistory, lease: Int) {
        ledger.setTrouble(trouble)
        append(.trouble(trouble))
        giveBack(trouble.ordinal, from: lease)
    }

    mutating func giveUp(
        _ ordinal: Int, _ code: FailureCode, _ slot: String, _ lease: Int, _ detail: String
    ) {
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
        guard let trouble = ledger.troubles[ordinal] else { return }
        for other in Set(trouble.inputSlots).sorted() where other != slot {
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
