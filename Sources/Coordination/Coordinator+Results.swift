internal import ClusterProtocol
internal import CoordinatorState
internal import Digests
internal import JobState
internal import SpeechTypes

/// What workers send back: results, which are about rows, and failures, which are about leases.
extension Coordinator {
    mutating func receive(_ results: Results, at now: Instant) {
        guard isNew(results.number, in: results.session) else { return }
        let slot = sessions[results.session]?.slot ?? ""
        var refused = 0
        for row in results.rows {
            if let reason = refusal(of: row) {
                refused += 1
                refuse(row, reason, in: results.session)
            } else if ledger.spans.isSpan(row.ordinal) {
                recordSpan(row, in: results.session, of: slot, at: now)
            } else if ledger.recorded.contains(row.ordinal) {
                progress.rowsDuplicated += 1
                let claim = DuplicateClaim(
                    ordinal: row.ordinal, recordDigest: row.recordDigest, slot: slot)
                afterCommit(.compare(claim))
            } else {
                record(row, in: results.session, of: slot, at: now)
            }
        }
        if refused > 0 { countRefusal(in: results.session, at: now) }
        if refused < results.rows.count { showsProgress(results.session) }
    }

    /// Why a result is not taken; nil if it is.
    private func refusal(of row: ResultRow) -> RefusedReason? {
        guard ledger.knows(row.ordinal) else { return .ordinal }
        guard ledger.rowDigest(of: row.ordinal) == row.rowDigest else { return .rowDigest }
        // A record is an object, and what stands for a span is none: neither may pass for the other.
        if ledger.spans.ordinalCount > ledger.plan.rowCount,
            ledger.spans.isSpan(row.ordinal) == (row.record.first == UInt8(ascii: "{"))
        {
            return .rowDigest
        }
        guard (1...limits.recordBytesMax).contains(row.record.count) else { return .size }
        let mayHave =
            configuration.identity.options.hasFeatures ? 1...limits.featuresBytesMax : 0...0
        guard mayHave.contains(row.features.count) else { return .size }
        return row.isWhole ? nil : .crc
    }

    private mutating func refuse(_ row: ResultRow, _ reason: RefusedReason, in number: Int) {
        guard let session = sessions[number] else { return }
        sessions[number]?.refusedOrdinals.append(row.ordinal)
        sessions[number]?.refusedReasons.append(reason)
        note(
            .resultRefused, slot: session.slot, ordinal: row.ordinal,
            "the result was not taken: \(reason.rawValue)")
        // The worker takes the row for done and will not send it again.
        if reason != .ordinal, let lease = lease(of: row.ordinal, in: number) {
            giveBack(row.ordinal, from: lease)
        }
    }

    private mutating func record(
        _ row: ResultRow, in number: Int, of slot: String, at now: Instant
    ) {
        if !row.warning.isEmpty {
            note(.rowWarning, slot: slot, ordinal: row.ordinal, row.warning)
        }
        rowComputed(row, in: number, of: slot, at: now)
        record(
            RowOutcome(
                ordinal: row.ordinal, rowDigest: row.rowDigest, status: .transcribed,
                record: row.record, recordCRC: row.recordCRC, recordDigest: row.recordDigest,
                audioDigest: row.audioDigest, audioMilliseconds: row.audioMilliseconds, slot: slot,
                lease: ledger.lease(of: row.ordinal) ?? 0, detail: row.warning,
                features: row.features, featuresCRC: row.featuresCRC, object: row.object))
    }

    /// What a result says of the fleet, whether it is a row's or a span's.
    mutating func rowComputed(
        _ row: ResultRow, in number: Int, of slot: String, at now: Instant
    ) {
        let work = row.audioMilliseconds * ledger.length(of: row.ordinal).lanes
        let counted = removeComputed(work, in: number)
        progress.compute(audioMilliseconds: work - counted, at: now)
        sourceAnswered(row.ordinal, slot)
        refuteMisreadings(of: row.ordinal, by: slot, at: now)
        fleet.rowTranscribed(limits: limits)
        let window = limits.misreadWindow
        sessions[number]?.misreadings.add(row.ordinal, isFailure: false, window: window)
        noteLateness(of: row.ordinal, in: number, at: now)
    }

    /// Windows were computed of rows that have not ended: the speed and the time left show it.
    mutating func rowsComputed(_ milliseconds: Int, in number: Int, at now: Instant) {
        guard let before = sessions[number]?.computedMilliseconds else { return }
        sessions[number]?.computedMilliseconds = milliseconds
        if milliseconds > before {
            progress.compute(audioMilliseconds: milliseconds - before, at: now)
        }
    }

    /// What of a row that has ended was counted before.
    private mutating func removeComputed(_ work: Int, in number: Int) -> Int {
        let counted = min(work, sessions[number]?.computedMilliseconds ?? 0)
        sessions[number]?.computedMilliseconds -= counted
        return counted
    }

    /// How long the row took, against what its worker's speed promised.
    private mutating func noteLateness(of ordinal: Int, in number: Int, at now: Instant) {
        guard let lease = lease(of: ordinal, in: number),
            let started = leases[lease]?.started[ordinal],
            let speed = sessions[number]?.credit.speed, speed > 0
        else { return }
        tail.lateness.add(
            elapsed: (now - started.at).wholeMilliseconds,
            predicted: started.batchAudioMilliseconds * 1_000 / speed)
    }

    /// The one place where a row gets its outcome.
    mutating func record(_ outcome: RowOutcome) {
        leaveLeases(outcome.ordinal, outcomeFrom: outcome.slot)
        ledger.record(outcome.ordinal)
        losses.endRest(of: outcome.ordinal)
        losses.forgetUntoldLosses(of: outcome.ordinal)
        progress.record(outcome)
        append(.outcome(outcome))
        endSharing(of: outcome.ordinal)
        settleDuplicates(of: outcome)
    }

    /// A row that planning found unusable.
    mutating func reject(_ row: PlanningRejection) {
        guard !ledger.recorded.contains(row.ordinal) else { return }
        record(
            RowOutcome(
                ordinal: row.ordinal, rowDigest: ledger.plan.rowDigest(of: row.ordinal),
                status: row.code.status, code: row.code,
                detail: row.detail.truncated(bytesMax: limits.textBytesMax)))
    }
}
