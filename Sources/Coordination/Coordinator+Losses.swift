internal import ClusterProtocol
internal import SpeechTypes

/// Rows that were in an engine when its worker was lost: suspects, not neighbours.
extension Coordinator {
    /// Writes losses to the rows that were in the engine of a session that ended.
    ///
    /// Called before the leases end, so that the rows go back to where their trouble says.
    mutating func blame(_ session: SessionState, at now: Instant) {
        let loss = RowTrouble.Loss(
            slot: session.slot, instance: session.instance, session: session.number)
        var company: [Int] = []
        for ordinal in session.inEngine.sorted() {
            guard let lease = ledger.lease(of: ordinal), let record = leases[lease]?.record else {
                continue
            }
            if record.isAlone {
                loseAlone(ordinal, loss, lease: lease)
            } else {
                company.append(ordinal)
            }
        }
        loseInCompany(company, loss)
        recentIncidents.append(Incident(at: now, loss: loss, ordinals: company))
        forgiveSickFleet(at: now)
    }

    private mutating func loseInCompany(_ ordinals: [Int], _ loss: RowTrouble.Loss) {
        rowsRetried += ordinals.count
        for ordinal in ordinals {
            var trouble = ledger.troubles[ordinal] ?? RowTrouble(ordinal: ordinal)
            guard !trouble.lossesInCompany.contains(loss) else { continue }
            trouble.lossesInCompany.append(loss)
            rowsByLostInstance[loss.instance, default: []].insert(ordinal)
            setTrouble(trouble)
            note(
                .rowSuspected, slot: loss.slot, ordinal: ordinal,
                "in the engine with others when the worker was lost")
        }
    }

    private mutating func loseAlone(_ ordinal: Int, _ loss: RowTrouble.Loss, lease: Int) {
        rowsRetried += 1
        var trouble = ledger.troubles[ordinal] ?? RowTrouble(ordinal: ordinal)
        guard !trouble.lossesAlone.contains(loss) else { return }
        trouble.lossesAlone.append(loss)
        note(
            .rowSuspected, slot: loss.slot, ordinal: ordinal,
            "alone in the engine when the worker was lost")
        if trouble.lossesAlone.count >= limits.lossesAloneMax {
            giveUp(ordinal, .quarantinedCrash, loss.slot, lease, "lost while alone")
        } else {
            setTrouble(trouble)
        }
    }

    private mutating func setTrouble(_ trouble: RowTrouble) {
        ledger.setTrouble(trouble)
        append(.trouble(trouble))
    }

    // MARK: Leases nobody claimed after a restart

    /// The grace is over: leases of the former life that nobody claimed are lost.
    mutating func giveUpUnclaimed(at now: Instant) {
        let lost = unclaimed
        unclaimed = []
        loseUnclaimed(lost, at: now)
    }

    /// Ends unclaimed leases as lost.
    ///
    /// Their started rows are suspects, or all rows where none is known as started: nobody can tell
    /// what the machine died of. For the same reason a row that was alone counts apart, with a
    /// budget of its own: enough that a poison row cannot hold a machine in a crash loop for ever.
    mutating func loseUnclaimed(_ numbers: [Int], at now: Instant) {
        var slots: Set<String> = []
        for number in numbers {
            guard let lease = leases[number] else { continue }
            let loss = RowTrouble.Loss(
                slot: lease.record.slot, instance: lease.record.instance,
                session: lease.record.session)
            let known = lease.open.filter(lease.started.contains)
            var suspects = known.isEmpty ? lease.open : known
            if lease.record.isAlone, let ordinal = known.first {
                suspects = []
                loseUnclaimedAlone(ordinal, loss, lease: number)
            }
            loseInCompany(suspects, loss)
            recentIncidents.append(Incident(at: now, loss: loss, ordinals: suspects))
            if slots.insert(loss.slot).inserted {
                workersLost += 1
                note(.workerLost, slot: loss.slot, "instance \(loss.instance): never came back")
            }
            endLease(number, .lost)
        }
        forgiveSickFleet(at: now)
    }

    private mutating func loseUnclaimedAlone(
        _ ordinal: Int, _ loss: RowTrouble.Loss, lease: Int
    ) {
        rowsRetried += 1
        var trouble = ledger.troubles[ordinal] ?? RowTrouble(ordinal: ordinal)
        trouble.unclaimedAlone += 1
        if trouble.unclaimedAlone >= limits.unclaimedAloneMax {
            giveUp(ordinal, .quarantinedCrash, loss.slot, lease, "lost while alone, and unclaimed")
        } else {
            setTrouble(trouble)
        }
    }

    // MARK: Losses that are taken back

    /// Many workers lost at once are a sick fleet, not so many sick rows: what they had in company
    /// is forgiven, but a row only so often.
    private mutating func forgiveSickFleet(at now: Instant) {
        let window = limits.sickFleetWindow
        recentIncidents.removeAll { now - $0.at > window }
        let lostSlots = Set(recentIncidents.map(\.loss.slot))
        let fleet = Set(sessionOrder.compactMap { sessions[$0]?.slot }).union(lostSlots)
        guard lostSlots.count >= limits.sickFleetSlotsMin, lostSlots.count * 4 > fleet.count
        else { return }
        var forgiven = 0
        for index in recentIncidents.indices {
            let incident = recentIncidents[index]
            recentIncidents[index].ordinals = []
            for ordinal in incident.ordinals {
                guard var trouble = ledger.troubles[ordinal],
                    trouble.forgiven < limits.forgivenMax,
                    trouble.lossesInCompany.contains(incident.loss)
                else { continue }
                trouble.lossesInCompany.removeAll { $0 == incident.loss }
                trouble.forgiven += 1
                forgiven += 1
                setTrouble(trouble)
            }
        }
        guard forgiven > 0 else { return }
        note(
            .lossesForgiven, slot: "",
            "\(lostSlots.count) slots were lost together: \(forgiven) losses are not written to rows"
        )
    }

    /// An instance that says hello again had not crashed: what it lost in company is struck out.
    mutating func strikeOutLosses(of instance: String, slot: String) {
        guard !stalledInstances.contains(instance),
            let ordinals = rowsByLostInstance.removeValue(forKey: instance)
        else { return }
        var struckOut = 0
        for ordinal in ordinals.sorted() {
            guard var trouble = ledger.troubles[ordinal] else { continue }
            let before = trouble.lossesInCompany.count
            trouble.lossesInCompany.removeAll { $0.instance == instance }
            guard trouble.lossesInCompany.count < before else { continue }
            struckOut += 1
            setTrouble(trouble)
        }
        guard struckOut > 0 else { return }
        note(.lossesStruckOut, slot: slot, "the worker is back: \(struckOut) losses are struck out")
    }
}
