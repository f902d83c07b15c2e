internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// Rows that were in an engine when its worker was lost: suspects, not neighbours.
///
/// A row is given up as `quarantined.crash` for deaths while it was alone, and a death proves nothing
/// where processes die of something else. So: a fault counts; the first unseen death counts; a
/// second one counts only after a rest, in a fleet that lost no worker for a while; silence never counts. What does
/// not count is bounded apart (docs/cluster-protocol.md, section 9).
extension Coordinator {
    /// Writes losses to the rows that were in the engine of a session that ended.
    ///
    /// Called before the leases end, so that the rows go back to where their history says.
    mutating func recordLoss(_ session: SessionState, _ evidence: LossEvidence, at now: Instant) {
        let loss = AttemptHistory.Loss(
            slot: session.slot, instance: session.instance, session: session.number)
        var company: [Int] = []
        var isOfSuspect = false
        for ordinal in session.inEngine.sorted() {
            guard let lease = lease(of: ordinal, in: session.number),
                let record = leases[lease]?.record
            else { continue }
            if record.isAlone {
                isOfSuspect = true
                // A row that the engine had before it was leased alone may have company there still.
                let list = session.engineList
                let hasCompany = list.contains(ordinal) && list.count > 1
                loseAlone(
                    ordinal, loss, hasCompany ? .silence : evidence, lease: lease, at: now)
            } else {
                company.append(ordinal)
            }
        }
        var rows = session.inEngine
        let untold = evidence == .threw ? [] : untoldRows(of: session, evidence)
        if let suspect = untold.first, suspect.isAlone {
            isOfSuspect = true
            rows.insert(suspect.ordinal)
            loseAloneUntold(suspect.ordinal, loss, evidence, lease: suspect.lease, at: now)
        } else {
            company += untoldSuspects(untold.map(\.ordinal), of: session, evidence)
        }
        loseInCompany(company, loss)
        losses.add(
            Incident(
                at: now, loss: loss, company: evidence == .silence ? company : [],
                rows: rows, isOfSuspect: isOfSuspect))
        waiveLossesOfSickFleet(at: now)
    }

    // MARK: Rows that were started without a word

    /// Rows that a lost worker may have started without anybody hearing of it: the first of what it held, in the
    /// order in which its engine takes them.
    private func untoldRows(
        of session: SessionState, _ evidence: LossEvidence
    ) -> [(ordinal: Int, lease: Int, isAlone: Bool)] {
        var rows: [(ordinal: Int, lease: Int, isAlone: Bool)] = []
        for number in session.leases {
            guard let lease = leases[number] else { continue }
            for ordinal in lease.open where lease.started[ordinal] == nil {
                guard rows.count < limits.untoldRowsMax else { return rows }
                let provesNothing = evidence != .fault && isCopyOfUnstarted(ordinal, lease)
                rows.append((ordinal, number, lease.record.isAlone && !provesNothing))
            }
        }
        return rows
    }

    /// Unless its worker died of what it did, the loss of such a copy is no evidence against its row alone.
    private func isCopyOfUnstarted(_ ordinal: Int, _ lease: LeaseState) -> Bool {
        guard lease.isCopy, let first = ledger.lease(of: ordinal) else { return false }
        return leases[first].map { $0.started[ordinal] == nil } ?? false
    }

    /// Those of `untold` that are suspects.
    ///
    /// A worker that dies at once of the first row that it opens has not said a word. If it died of what it did and
    /// had nothing else, what it held killed it; otherwise that takes several losses to tell from bad luck.
    private mutating func untoldSuspects(
        _ untold: [Int], of session: SessionState, _ evidence: LossEvidence
    ) -> [Int] {
        let isOnlyCause = evidence == .fault && session.inEngine.isEmpty
        let suspects = untold.filter {
            losses.addUntoldLoss(of: $0) >= limits.untoldLossesMax || isOnlyCause
        }
        for ordinal in suspects { losses.forgetUntoldLosses(of: ordinal) }
        return suspects
    }

    /// A worker is lost that held one row alone and had not said that it started it.
    private mutating func loseAloneUntold(
        _ ordinal: Int, _ loss: AttemptHistory.Loss, _ evidence: LossEvidence, lease: Int,
        at now: Instant
    ) {
        // Where no worker ever started a row, it is the machine that may be wrong.
        loseAlone(
            ordinal, loss, evidence == .fault ? .fault : .silence,
            provesNothing: !progress.hasSeenStart, lease: lease, at: now)
    }

    private mutating func loseInCompany(_ ordinals: [Int], _ loss: AttemptHistory.Loss) {
        progress.rowsRetried += ordinals.count
        do {
            let histories = ledger.histories
            losses.forgetInstances { histories[$0] != nil }
        }
        var suspects: [Int] = []
        for ordinal in ordinals {
            var history = ledger.histories[ordinal] ?? AttemptHistory(ordinal: ordinal)
            guard !history.lossesInCompany.contains(where: { $0.instance == loss.instance }) else {
                continue
            }
            history.lossesInCompany.append(loss)
            losses.note(ordinal, lostInCompanyOf: loss.instance)
            setHistory(history)
            suspects.append(ordinal)
        }
        noteSuspects(suspects, loss)
    }

    /// One event for a loss, however many rows were in the engine.
    private mutating func noteSuspects(_ ordinals: [Int], _ loss: AttemptHistory.Loss) {
        guard let first = ordinals.first else { return }
        guard ordinals.count > 1 else {
            note(
                .rowSuspected, slot: loss.slot, ordinal: first,
                "in the engine when the worker was lost")
            return
        }
        let shown = ordinals.prefix(Self.suspectsShown).map { "\(ledger.spans.row(of: $0))" }
            .joined(separator: ", ")
        let rest = ordinals.count - Self.suspectsShown
        note(
            .rowSuspected, slot: loss.slot,
            "\(ordinals.count) rows were in the engine together when the worker was lost: \(shown)"
                + (rest > 0 ? " and \(rest) more" : ""))
    }

    /// Rows of one loss that its event names.
    private static let suspectsShown = 32

    private mutating func loseAlone(
        _ ordinal: Int, _ loss: AttemptHistory.Loss, _ evidence: LossEvidence,
        provesNothing: Bool = false, lease: Int, at now: Instant
    ) {
        progress.rowsRetried += 1
        var history = ledger.histories[ordinal] ?? AttemptHistory(ordinal: ordinal)
        guard !history.lossesAlone.contains(where: { $0.instance == loss.instance }) else { return }
        let isProof =
            switch evidence {
            case _ where provesNothing: false
            case .fault, .threw: true
            case .gone, .replaced:
                history.lossesAlone.isEmpty || lastDisturbance(of: ordinal, at: now) == nil
            case .silence: false
            }
        if isProof { history.lossesAlone.append(loss) } else { history.unprovenAlone += 1 }
        note(
            .rowSuspected, slot: loss.slot, ordinal: ordinal,
            "alone in the engine when the worker was lost"
                + (isProof ? "" : ", which may have had another cause"))
        if evidence == .replaced {
            // Whoever was replaced may say goodbye in a moment and so was alive: judged after the rest.
            setHistory(history)
        } else {
            judge(history, loss, lease: lease)
        }
        if evidence != .fault, evidence != .threw { rest(ordinal, at: now) }
    }

    private mutating func judge(_ history: AttemptHistory, _ loss: AttemptHistory.Loss, lease: Int)
    {
        guard history.lossesAlone.count < limits.lossesAloneMax else {
            giveUp(history.ordinal, .quarantinedCrash, loss.slot, lease, "lost while alone")
            return
        }
        guard history.unprovenAlone < limits.unprovenAloneMax else {
            giveUp(
                history.ordinal, .quarantinedCrash, loss.slot, lease,
                "\(history.unprovenAlone) workers did not come back from it")
            return
        }
        setHistory(history)
    }

    /// Gives up a row whose last death was left open until now.
    ///
    /// - Returns: whether it was given up.
    mutating func judgeAfterRest(_ ordinal: Int) -> Bool {
        guard let history = ledger.histories[ordinal], let last = history.lossesAlone.last,
            history.lossesAlone.count >= limits.lossesAloneMax
                || history.unprovenAlone >= limits.unprovenAloneMax
        else { return false }
        giveUp(ordinal, .quarantinedCrash, last.slot, 0, "lost while alone")
        return true
    }

    private mutating func setHistory(_ history: AttemptHistory) {
        ledger.setHistory(history)
        append(.history(history))
    }

    // MARK: Rest

    /// A row that was lost alone is not tried again at once: what kills workers may be about.
    mutating func rest(_ ordinal: Int, at now: Instant) {
        guard !ledger.isRecorded(ordinal) else { return }
        losses.rest(ordinal, since: now)
        ledger.hold(ordinal, until: now + limits.quietPeriod)
    }

    /// Until when a row rests on; nil if it may be tried.
    ///
    /// In a fleet that loses workers all the time it is tried when there is nothing else to do, and then an
    /// unseen death proves nothing.
    mutating func restUntil(_ ordinal: Int, at now: Instant) -> Instant? {
        guard let since = losses.restStart(of: ordinal) else { return nil }
        if let disturbance = lastDisturbance(of: ordinal, at: now) {
            let isLate = now - since > limits.quietPeriod * limits.quietPeriodsMax
            if !isLate || nextClean() != nil { return disturbance + limits.quietPeriod }
        }
        losses.endRest(of: ordinal)
        return nil
    }

    /// When something else than suspects killed a worker last; nil if that is long ago.
    private func lastDisturbance(of ordinal: Int, at now: Instant) -> Instant? {
        losses.lastUnrelatedLoss(of: ordinal, within: limits.quietPeriod, at: now)
    }

    // MARK: Leases nobody claimed after a restart

    /// The grace is over: leases of the former epoch that nobody claimed are lost.
    mutating func giveUpUnclaimed(at now: Instant) {
        let lost = leases.unclaimed
        leases.endWaiting(for: lost)
        loseUnclaimed(lost, at: now)
    }

    /// Ends unclaimed leases as lost.
    ///
    /// Their started rows are suspects, or all rows where none is known as started: nobody can tell
    /// what the machine died of. For the same reason the loss of a row that was alone proves
    /// nothing.
    mutating func loseUnclaimed(_ numbers: [Int], at now: Instant) {
        var slots: Set<String> = []
        for number in numbers {
            guard let lease = leases[number] else { continue }
            let loss = AttemptHistory.Loss(
                slot: lease.record.slot, instance: lease.record.instance,
                session: lease.record.session)
            let known = lease.open.filter { lease.started[$0] != nil }
            var suspects = known.isEmpty ? lease.open : known
            let isAlone = lease.record.isAlone
            if isAlone, let ordinal = known.first {
                suspects = []
                loseAlone(ordinal, loss, .silence, lease: number, at: now)
            }
            loseInCompany(suspects, loss)
            losses.add(
                Incident(
                    at: now, loss: loss, company: suspects, rows: Set(lease.open),
                    isOfSuspect: isAlone))
            if slots.insert(loss.slot).inserted {
                progress.workersLost += 1
                note(.workerLost, slot: loss.slot, "instance \(loss.instance): never came back")
            }
            endLease(number, .lost)
        }
        waiveLossesOfSickFleet(at: now)
    }

    // MARK: Losses that are taken back

    /// Many workers silent at once are a sick fleet, not so many sick rows: losses in company are waived,
    /// but for a row only so often.
    ///
    /// Deaths that were seen are written down: waiving them would let a poison row take more workers.
    private mutating func waiveLossesOfSickFleet(at now: Instant) {
        let window = limits.sickFleetWindow
        let lostSlots = losses.slotsLost(
            within: window, keeping: max(window, limits.quietPeriod), at: now)
        guard lostSlots.count >= limits.sickFleetSlotsMin,
            lostSlots.count * 4 > sessions.slots.union(lostSlots).count
        else { return }
        var waivedLosses = 0
        for (loss, ordinals) in losses.removeCompany(within: window, at: now) {
            for ordinal in ordinals {
                guard var history = ledger.histories[ordinal],
                    history.waivedLosses < limits.waivedLossesMax,
                    history.lossesInCompany.contains(loss)
                else { continue }
                history.lossesInCompany.removeAll { $0 == loss }
                history.waivedLosses += 1
                waivedLosses += 1
                setHistory(history)
            }
        }
        guard waivedLosses > 0 else { return }
        note(
            .lossesWaived, slot: "",
            "\(lostSlots.count) slots were lost together: \(waivedLosses) losses are not written to rows"
        )
    }

    /// An instance that was replaced has said goodbye: it was alive, and what it lost proves nothing.
    mutating func retractDeath(of instance: String, session: Int) {
        var slot = ""
        for history in ledger.histories.values.sorted(by: { $0.ordinal < $1.ordinal }) {
            guard let loss = history.lossesAlone.first(where: { $0.session == session }) else {
                continue
            }
            var history = history
            slot = loss.slot
            history.lossesAlone.removeAll { $0 == loss }
            history.unprovenAlone += 1
            setHistory(history)
            note(
                .lossesRetracted, slot: slot, ordinal: history.ordinal,
                "the worker that another one replaced was alive")
        }
        retractLosses(of: instance, slot: slot)
    }

    /// An instance that says hello again had not crashed: what it lost in company is taken off again.
    mutating func retractLosses(of instance: String, slot: String) {
        guard !sessions.isStalled(instance),
            let ordinals = losses.removeRows(lostInCompanyOf: instance)
        else { return }
        var retracted = 0
        for ordinal in ordinals {
            guard var history = ledger.histories[ordinal] else { continue }
            let before = history.lossesInCompany.count
            history.lossesInCompany.removeAll { $0.instance == instance }
            guard history.lossesInCompany.count < before else { continue }
            retracted += 1
            setHistory(history)
        }
        guard retracted > 0 else { return }
        note(
            .lossesRetracted, slot: slot,
            "the worker is back: \(retracted) losses do not count any more")
    }
}
