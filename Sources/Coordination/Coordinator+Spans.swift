internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// Rows that several workers share.
///
/// A long row is cut into spans, which are leased, lost and charged like rows. While it is cut the row itself is
/// suspended; when its spans are done a worker makes its record of them, which is recorded like any other. Nothing of
/// spans is journalled: a restart computes again those of rows without an outcome.
extension Coordinator {
    /// Spans wait that may be given out, or a row whose spans are done.
    var hasSharedWork: Bool {
        ledger.waitingSpans > ledger.suspendedSpans || !shared.joins.isEmpty
    }

    // MARK: Granting

    /// Gives a session a row whose spans are done, or the next span.
    ///
    /// - Returns: whether it was given one.
    mutating func grantShared(to number: Int, fleetSpeed: Int) -> Bool {
        guard hasSharedWork, let session = sessions[number], session.computesSpans,
            session.leases.count < limits.heldLeasesMax, session.heldRows < session.credit.rows
        else { return false }
        if let row = takeJoin() {
            ledger.release(row)
            ledger.lease(row, to: leases.nextNumber)
            grant([QueuedRow(audioMilliseconds: 0, ordinal: row)], isAlone: false, to: number)
            return true
        }
        guard let span = nextSpan() else { return false }
        let milliseconds = ledger.workMilliseconds(of: span)
        guard mayHold(milliseconds, session, fleetSpeed: fleetSpeed),
            // Whatever takes longest is begun first.
            nextClean().map({ $0.audioMilliseconds <= milliseconds }) ?? true
        else { return false }
        let row = ledger.spans.row(of: span)
        shared.begin(row, milliseconds: ledger.length(of: row).milliseconds)
        ledger.lease(span, to: leases.nextNumber)
        grant(
            [QueuedRow(audioMilliseconds: milliseconds, ordinal: span)], isAlone: false, to: number)
        return true
    }

    /// One span in the engine and one in hand, or as many as make a lease, so that it need not wait; at the end one
    /// for each.
    private func mayHold(
        _ milliseconds: Int, _ session: SessionState, fleetSpeed: Int
    ) -> Bool {
        guard session.heldRows > 0 else { return true }
        let lease = leaseAudio(speed: session.credit.speed, fleetSpeed: fleetSpeed)
        return session.heldAudioMilliseconds <= max(milliseconds, lease)
            && ledger.waitingSpans >= sessions.count
    }

    /// A row whose spans are done and that nobody has.
    private mutating func takeJoin() -> Int? {
        while !shared.joins.isEmpty {
            let row = shared.joins.removeFirst()
            if ledger.isCut(row), ledger.isWaiting(row), ledger.isSuspended(row) { return row }
        }
        return nil
    }

    /// The span to give out next, of those whose source answers and whose row may be begun.
    mutating func nextSpan() -> Int? {
        while let span = ledger.nextSpan() {
            let row = ledger.spans.row(of: span)
            guard
                shared.mayBegin(
                    row, milliseconds: ledger.length(of: row).milliseconds,
                    millisecondsMax: limits.begunMillisecondsMax)
            else { return nil }
            guard isSourceAway(of: span) else { return span }
            waitForSource(span)
        }
        return nil
    }

    /// The row of a span that was leased, or the row itself.
    package func row(of ordinal: Int) -> Int { ledger.spans.row(of: ordinal) }

    /// How long a row or a span is taken to be, for leases.
    package func plannedMilliseconds(of ordinal: Int) -> Int {
        ledger.spans.isSpan(ordinal)
            ? ledger.spans.length(of: ordinal).milliseconds
            : ledger.plan.audioMilliseconds(of: ordinal)
    }

    /// What a session is to do of each of these rows that is shared.
    func parts(of ordinals: [Int], for session: SessionState) -> [Int: RowPart] {
        guard session.computesSpans else { return [:] }
        var parts: [Int: RowPart] = [:]
        for ordinal in ordinals {
            if ledger.spans.isSpan(ordinal) {
                parts[ordinal] = .span(ledger.spans.span(ordinal))
            } else if ledger.isCut(ordinal),
                let results = shared.all(of: ordinal, ledger.spans.spans(of: ordinal))
            {
                parts[ordinal] = .join(results)
            }
        }
        return parts
    }

    // MARK: Results

    /// A span is computed; its row may be made when all are.
    mutating func recordSpan(
        _ result: ResultRow, in number: Int, of slot: String, at now: Instant
    ) {
        let span = result.ordinal
        guard !ledger.isRecorded(span) else {
            progress.rowsDuplicated += 1
            return
        }
        rowComputed(result, in: number, of: slot, at: now)
        leaveSpan(span, outcomeFrom: slot)
        ledger.endSpan(span)
        let row = ledger.spans.row(of: span)
        shared.add(result.record, of: span, in: row)
        guard shared.isComplete(row, ledger.spans.spans(of: row)) else { return }
        guard shared.bytes(of: row) <= limits.joinBytesMax else {
            endSharing(of: row)
            ledger.release(row)
            return
        }
        shared.joins.append(row)
        commits.hurry()
    }

    private mutating func leaveSpan(_ span: Int, outcomeFrom slot: String) {
        leaveLeases(span, outcomeFrom: slot)
        losses.endRest(of: span)
        losses.forgetUntoldLosses(of: span)
    }

    // MARK: The end

    /// The row has its outcome, or is one worker's from now on: its spans are nobody's.
    ///
    /// - Precondition: it is in no lease.
    mutating func endSharing(of row: Int) {
        guard ledger.isCut(row) else { return }
        for span in ledger.spans.spans(of: row) where !ledger.isRecorded(span) {
            leaveSpan(span, outcomeFrom: "")
        }
        ledger.uncut(row)
        shared.remove(row)
    }

    /// Where no worker computes spans, rows are as whole as they were for its release.
    mutating func endSharingWithNobody() {
        guard !ledger.lengths.cutRows.isEmpty,
            !sessions.order.contains(where: { sessions[$0]?.computesSpans == true })
        else { return }
        for row in ledger.spans.rows where ledger.isCut(row) && ledger.isWaiting(row) {
            endSharing(of: row)
            if ledger.isSuspended(row) { ledger.release(row) }
        }
    }

    /// What the journal keeps of an entry; nil where that is nothing.
    ///
    /// The number of a lease is kept even if it has nothing but spans: no other lease may ever have it.
    func withoutSpans(_ entry: JournalEntry) -> JournalEntry? {
        let spans = ledger.spans
        guard spans.ordinalCount > spans.rowCount else { return entry }
        switch entry {
        case .leaseGranted(var record):
            record.ordinals.removeAll(where: spans.isSpan)
            return .leaseGranted(record)
        case .leaseStarted(let lease, let ordinals):
            let rows = ordinals.filter { !spans.isSpan($0) }
            return rows.isEmpty ? nil : .leaseStarted(lease: lease, ordinals: rows)
        case .history(let history):
            return spans.isSpan(history.ordinal) ? nil : entry
        case .outcome, .leaseEnded, .retried, .pauses, .fleetFacts, .note:
            return entry
        }
    }
}
