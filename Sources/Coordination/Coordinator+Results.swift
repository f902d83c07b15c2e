internal import ClusterProtocol
internal import Digests
internal import SpeechTypes

/// What workers send back: results, which are about rows, and failures, which are about leases.
extension Coordinator {
    mutating func take(_ results: Results, at now: Instant) {
        guard isNew(results.number, in: results.session) else { return }
        var refused = 0
        for row in results.rows {
            if let reason = refusal(of: row) {
                refused += 1
                refuse(row, reason, in: results.session)
            } else if ledger.recorded.contains(row.ordinal) {
                rowsDuplicated += 1
                let slot = sessions[results.session]?.slot ?? ""
                let claim = DuplicateClaim(
                    ordinal: row.ordinal, recordDigest: row.recordDigest, slot: slot)
                afterCommit(.compare(claim))
            } else {
                record(row, in: results.session, at: now)
            }
        }
        if refused > 0 { countRefusal(in: results.session, at: now) }
        if refused < results.rows.count { showsProgress(results.session) }
    }

    /// Why a result is not taken; nil if it is.
    private func refusal(of row: ResultRow) -> RefusedReason? {
        guard (0..<ledger.plan.rowCount).contains(row.ordinal) else { return .ordinal }
        guard ledger.plan.rowDigest(of: row.ordinal) == row.rowDigest else { return .rowDigest }
        guard (1...limits.recordBytesMax).contains(row.record.count) else { return .size }
        return CRC32C.checksum(of: row.record) == row.recordCRC ? nil : .crc
    }

    private mutating func refuse(_ row: ResultRow, _ reason: RefusedReason, in number: Int) {
        guard let session = sessions[number] else { return }
        sessions[number]?.refusedOrdinals.append(row.ordinal)
        sessions[number]?.refusedReasons.append(reason)
        note(
            .resultRefused, slot: session.slot, ordinal: row.ordinal,
            "the result was not taken: \(reason.rawValue)")
        // The worker takes the row for done and will not send it again.
        if reason != .ordinal, let lease = ledger.lease(of: row.ordinal),
            leases[lease]?.holder == number
        {
            giveBack(row.ordinal)
        }
    }

    private mutating func record(_ row: ResultRow, in number: Int, at now: Instant) {
        let slot = sessions[number]?.slot ?? ""
        if !row.warning.isEmpty {
            note(.rowWarning, slot: slot, ordinal: row.ordinal, row.warning)
        }
        transcribedAudioMilliseconds += row.audioMilliseconds
        speed.add(audioMilliseconds: row.audioMilliseconds, at: now)
        record(
            RowOutcome(
                ordinal: row.ordinal, status: .transcribed, record: row.record,
                recordCRC: row.recordCRC, recordDigest: row.recordDigest,
                audioDigest: row.audioDigest, audioMilliseconds: row.audioMilliseconds, slot: slot,
                lease: ledger.lease(of: row.ordinal) ?? 0, detail: row.warning))
    }

    /// The one place where a row gets its outcome.
    mutating func record(_ outcome: RowOutcome) {
        leaveLease(outcome.ordinal)
        ledger.record(outcome.ordinal)
        counts.add(outcome.code)
        if let code = outcome.code, !code.isFoundAtPlanning { givenUp[outcome.ordinal] = code }
        append(.outcome(outcome))
    }

    /// A row that planning found unusable.
    mutating func reject(_ row: PlanningRejection) {
        guard !ledger.recorded.contains(row.ordinal) else { return }
        record(
            RowOutcome(ordinal: row.ordinal, status: row.code.status, code: row.code))
    }

    // MARK: Failures

    mutating func take(_ failure: Failure, at now: Instant) {
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
            if isCurrent(failure.lease, of: failure.ordinal, number) { giveBack(failure.ordinal) }
            countRefusal(in: number, at: now)
            return
        }
        showsProgress(number)
        guard isCurrent(failure.lease, of: failure.ordinal, number) else { return }
        rowsRetried += 1
        note(
            .rowFailed, slot: slot, ordinal: failure.ordinal,
            "\(failure.code.rawValue): \(failure.detail)")
        if isInput { chargeInput(failure, slot) } else { chargeEngine(failure, slot) }
    }

    /// A missing mount looks like a missing file, so another worker is asked before the row is
    /// rejected.
    private mutating func chargeInput(_ failure: Failure, _ slot: String) {
        var trouble = ledger.troubles[failure.ordinal] ?? RowTrouble(ordinal: failure.ordinal)
        trouble.inputSlots.append(slot)
        trouble.inputCode = Self.furthest(trouble.inputCode, failure.code)
        guard trouble.inputSlots.count >= limits.inputTriesMax, let code = trouble.inputCode else {
            charge(trouble)
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

    private mutating func chargeEngine(_ failure: Failure, _ slot: String) {
        var trouble = ledger.troubles[failure.ordinal] ?? RowTrouble(ordinal: failure.ordinal)
        trouble.engineSlots.append(slot)
        guard trouble.engineSlots.count >= limits.engineTriesMax else {
            charge(trouble)
            return
        }
        giveUp(failure.ordinal, failure.code, slot, failure.lease, failure.detail)
    }

    /// Notes trouble of a leased row, which then waits for another try.
    private mutating func charge(_ trouble: RowTrouble) {
        ledger.setTrouble(trouble)
        append(.trouble(trouble))
        giveBack(trouble.ordinal)
    }

    mutating func giveUp(
        _ ordinal: Int, _ code: FailureCode, _ slot: String, _ lease: Int, _ detail: String
    ) {
        record(
            RowOutcome(
                ordinal: ordinal, status: code.status, code: code, slot: slot, lease: lease,
                detail: detail))
    }

    /// A worker that stood still works again.
    private mutating func showsProgress(_ number: Int) {
        guard sessions[number]?.isBenched == true, let instance = sessions[number]?.instance
        else { return }
        sessions[number]?.isBenched = false
        stalledInstances.remove(instance)
    }
}
