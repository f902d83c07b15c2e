internal import HeapModule
package import JobState
package import SpeechTypes

/// Where every row stands: waiting, leased or recorded.
///
/// Rows that never were in anybody's hands wait behind a cursor over the plan and cost one bit each.
/// Only rows that are leased, came back or have an attempt history have an entry.
package struct RowLedger: Sendable {
    enum Place {
        case waiting
        case leased(lease: Int)
    }

    /// Which queue a waiting row belongs to: a function of its history.
    package enum Queue: Hashable {
        case clean
        /// Failed somewhere: better tried by another slot.
        case elsewhere
        /// Was in an engine when a worker was lost.
        case alone
    }

    package let plan: any RowPlan
    package private(set) var recorded: RowSet
    /// Of rows that are not recorded.
    package internal(set) var histories: [Int: AttemptHistory] = [:]
    package private(set) var leasedCount = 0
    /// Leased spans of rows that several workers share.
    package internal(set) var leasedSpans = 0
    package internal(set) var waitingSpans = 0
    /// Waiting spans that must be released.
    package private(set) var suspendedSpans = 0
    /// Length of the spans that are done of rows without an outcome.
    package internal(set) var doneSpanMilliseconds = 0
    /// Audio to be computed of rows that wait, every lane counted.
    package internal(set) var waitingAudioMilliseconds = 0
    /// Audio to be computed of rows that are leased.
    package internal(set) var leasedAudioMilliseconds = 0
    /// Length of all rows without an outcome, whatever their lanes.
    package private(set) var openRecordingMilliseconds = 0
    /// How long rows are, as far as anybody knows.
    package internal(set) var lengths: RowLengths

    var places: [Int: Place] = [:]
    /// Second leases of leased rows.
    var copies: [Int: Int] = [:]
    /// Waiting rows that must not be given out before a time, or not before they are released.
    private var heldUntil: [Int: Instant] = [:]
    /// Those with a time, earliest first.
    ///
    /// May hold rows that are held otherwise by now; checked when taken.
    private var due = Heap<HeldUntil>()
    /// Waiting rows that must be released; spans are not among them.
    package private(set) var suspendedCount = 0
    /// Rows of lower rank are recorded or have a place.
    private var cursor = 0
    /// Rows that came back clean.
    ///
    /// May hold rows that are elsewhere by now; checked when taken.
    private var clean = Heap<QueuedRow>()
    /// Spans that were not begun or came back clean, by ordinal; may hold some that are elsewhere by now.
    var clearSpans = Heap<Int>()
    /// Spans that have an end, of rows that have none.
    var endedSpans: Set<Int> = []
    private var elsewhere = SlotQueues()
    private var alone = SlotQueues()

    /// - Parameter spans: of the rows that several workers may share; those that are recorded, or failed
    ///   before, are not cut.
    package init(
        plan: any RowPlan, recorded: RowSet, histories: [AttemptHistory], spans: SpanTable? = nil
    ) {
        precondition(plan.rowCount == recorded.rowCount, "the journal is that of the plan")
        self.plan = plan
        self.recorded = recorded
        var lengths = RowLengths(plan: plan, spans: spans ?? SpanTable(rowCount: plan.rowCount))
        let failed = Set(histories.map(\.ordinal))
        lengths.cutRows = Set(
            lengths.spans.rows.filter { !recorded.contains($0) && !failed.contains($0) })
        self.lengths = lengths
        for ordinal in 0..<plan.rowCount where !recorded.contains(ordinal) {
            waitingAudioMilliseconds += workMilliseconds(of: ordinal)
            openRecordingMilliseconds += length(of: ordinal).milliseconds
        }
        for history in histories
        where (0..<plan.rowCount).contains(history.ordinal) && !recorded.contains(history.ordinal) {
            self.histories[history.ordinal] = history
            guard queue(of: history.ordinal) != .clean else { continue }
            places[history.ordinal] = .waiting
            enqueue(history.ordinal)
        }
        addSpans()
    }

    package var waitingCount: Int { plan.rowCount - recorded.count - leasedCount }

    /// Audio to be computed of all rows without an outcome.
    package var openAudioMilliseconds: Int { waitingAudioMilliseconds + leasedAudioMilliseconds }

    // MARK: Lengths

    /// How long the row is: as a worker found it, or else as planned.
    package func length(of ordinal: Int) -> RowLength { lengths[ordinal] }

    /// Audio of the row that is computed, every lane counted.
    package func workMilliseconds(of ordinal: Int) -> Int { lengths[ordinal].workMilliseconds }

    /// A worker found the row to be so long.
    ///
    /// - Returns: by how much more there is to be computed than before.
    package mutating func measure(_ ordinal: Int, as length: RowLength) -> Int {
        // Spans are what they are planned to be, and stand for their row.
        guard !spans.isSpan(ordinal), !isCut(ordinal), !recorded.contains(ordinal) else { return 0 }
        let before = self.length(of: ordinal)
        guard before != length else { return 0 }
        lengths.measured[ordinal] = length
        let more = length.workMilliseconds - before.workMilliseconds
        if lease(of: ordinal) == nil {
            waitingAudioMilliseconds += more
        } else {
            leasedAudioMilliseconds += more
        }
        openRecordingMilliseconds += length.milliseconds - before.milliseconds
        return more
    }

    // MARK: Where rows are

    /// The lease that holds the row now.
    package func lease(of ordinal: Int) -> Int? {
        if case .leased(let lease) = places[ordinal] { lease } else { nil }
    }

    /// The queue that the row waits in, or would.
    package func queue(of ordinal: Int) -> Queue { Self.queue(of: histories[ordinal]) }

    private static func queue(of history: AttemptHistory?) -> Queue {
        guard let history else { return .clean }
        if history.needsToBeAlone { return .alone }
        return history.isBetterElsewhere ? .elsewhere : .clean
    }

    /// Some rows may wait in queues of troubled rows: a cheap test before the dear one.
    package var mayHaveFailedRows: Bool { !elsewhere.isEmpty || !alone.isEmpty }

    // MARK: Taking rows

    /// The clean row to give out next.
    package mutating func nextClean() -> QueuedRow? {
        while let top = clean.max, !isWaiting(top.ordinal, in: .clean) { clean.removeMax() }
        while cursor < plan.rowCount {
            let ordinal = plan.ordinal(atRank: cursor)
            guard recorded.contains(ordinal) || places[ordinal] != nil else {
                let fresh = queued(ordinal)
                return clean.max.map { max($0, fresh) } ?? fresh
            }
            cursor += 1
        }
        return clean.max
    }

    /// Takes a row out of a queue of troubled rows, if one of the first few passes `isWanted`.
    ///
    /// The row must then be leased.
    package mutating func removeFirst(from queue: Queue, where isWanted: (Int) -> Bool)
        -> QueuedRow?
    {
        let ledger = (histories, places, heldUntil)
        let isCurrent = { (row: QueuedRow) in
            guard case .waiting = ledger.1[row.ordinal], ledger.2[row.ordinal] == nil else {
                return false
            }
            return Self.queue(of: ledger.0[row.ordinal]) == queue
        }
        return queue == .alone
            ? alone.removeFirst(where: isWanted, isCurrent: isCurrent)
            : elsewhere.removeFirst(where: isWanted, isCurrent: isCurrent)
    }

    /// Whether a row of the queue passes `isWanted`.
    package mutating func hasRow(in queue: Queue, where isWanted: (Int) -> Bool) -> Bool {
        guard let row = removeFirst(from: queue, where: isWanted) else { return false }
        enqueue(row.ordinal)
        return true
    }

    /// - Precondition: the row waits.
    package mutating func lease(_ ordinal: Int, to lease: Int) {
        precondition(!isRecorded(ordinal), "a recorded row is never leased")
        precondition(self.lease(of: ordinal) == nil, "a row has one lease")
        precondition(heldUntil[ordinal] == nil, "a row that is held is not leased")
        places[ordinal] = .leased(lease: lease)
        let audio = workMilliseconds(of: ordinal)
        if spans.isSpan(ordinal) {
            leasedSpans += 1
            waitingSpans -= 1
        } else {
            leasedCount += 1
        }
        leasedAudioMilliseconds += audio
        waitingAudioMilliseconds -= audio
    }

    /// A second lease for a row that is late in the first.
    ///
    /// - Precondition: the row is leased, once.
    package mutating func addCopy(_ ordinal: Int, lease: Int) {
        precondition(
            self.lease(of: ordinal) != nil && copies[ordinal] == nil, "one copy of a lease")
        copies[ordinal] = lease
    }

    /// The second lease that holds the row.
    package func copy(of ordinal: Int) -> Int? { copies[ordinal] }

    // MARK: Rows that must wait

    package func isWaiting(_ ordinal: Int) -> Bool {
        !isRecorded(ordinal) && lease(of: ordinal) == nil
    }

    /// The row is not given out before `time`, now or when it comes back.
    package mutating func hold(_ ordinal: Int, until time: Instant) {
        forgetHold(ordinal)
        heldUntil[ordinal] = time
        if places[ordinal] == nil { places[ordinal] = .waiting }
        due.insert(HeldUntil(time: time, ordinal: ordinal))
    }

    /// The row is not given out before it is released.
    ///
    /// - Precondition: it waits.
    package mutating func suspend(_ ordinal: Int) {
        precondition(isWaiting(ordinal), "only a row that waits is suspended")
        guard heldUntil.updateValue(.distantFuture, forKey: ordinal) != .distantFuture else {
            return
        }
        if places[ordinal] == nil { places[ordinal] = .waiting }
        if spans.isSpan(ordinal) { suspendedSpans += 1 } else { suspendedCount += 1 }
    }

    package func isSuspended(_ ordinal: Int) -> Bool { heldUntil[ordinal] == .distantFuture }

    /// The row may be given out.
    package mutating func release(_ ordinal: Int) {
        forgetHold(ordinal)
        if isWaiting(ordinal) { enqueue(ordinal) }
    }

    /// Waiting rows whose time has come; each must be held again or released.
    package mutating func removeDue(at now: Instant) -> [Int] {
        var ordinals: [Int] = []
        while let first = due.min, first.time <= now {
            due.removeMin()
            guard heldUntil[first.ordinal] == first.time else { continue }
            if isWaiting(first.ordinal) {
                ordinals.append(first.ordinal)
            } else {
                heldUntil[first.ordinal] = nil
            }
        }
        return ordinals
    }

    mutating func forgetHold(_ ordinal: Int) {
        guard heldUntil.removeValue(forKey: ordinal) == .distantFuture else { return }
        if spans.isSpan(ordinal) { suspendedSpans -= 1 } else { suspendedCount -= 1 }
    }

    // MARK: Ends

    /// A lease lets go of a row: it waits again, unless another lease has it too.
    package mutating func unlease(_ ordinal: Int, by lease: Int) {
        if copies[ordinal] == lease {
            copies[ordinal] = nil
        } else if let copy = copies.removeValue(forKey: ordinal) {
            places[ordinal] = .leased(lease: copy)
        } else {
            giveBack(ordinal)
        }
    }

    /// A leased row waits again.
    private mutating func giveBack(_ ordinal: Int) {
        guard case .leased = places[ordinal] else { preconditionFailure("the row is not leased") }
        places[ordinal] = .waiting
        let audio = workMilliseconds(of: ordinal)
        if spans.isSpan(ordinal) {
            leasedSpans -= 1
            waitingSpans += 1
        } else {
            leasedCount -= 1
        }
        leasedAudioMilliseconds -= audio
        waitingAudioMilliseconds += audio
        enqueue(ordinal)
    }

    /// The row has its outcome.
    package mutating func record(_ ordinal: Int) {
        let audio = workMilliseconds(of: ordinal)
        if case .leased = places[ordinal] {
            leasedCount -= 1
            leasedAudioMilliseconds -= audio
        } else {
            waitingAudioMilliseconds -= audio
        }
        openRecordingMilliseconds -= length(of: ordinal).milliseconds
        lengths.measured[ordinal] = nil
        let isNew = recorded.insert(ordinal)
        precondition(isNew, "a row has one outcome")
        places[ordinal] = nil
        copies[ordinal] = nil
        histories[ordinal] = nil
        forgetHold(ordinal)
    }

    /// The outcome is taken back: the row waits as if it had never been tried.
    ///
    /// - Precondition: the row is recorded.
    package mutating func reopen(_ ordinal: Int) {
        recorded.remove(ordinal)
        waitingAudioMilliseconds += workMilliseconds(of: ordinal)
        openRecordingMilliseconds += length(of: ordinal).milliseconds
        places[ordinal] = .waiting
        enqueue(ordinal)
    }

    /// Replaces what is known against a row.
    package mutating func setHistory(_ history: AttemptHistory) {
        let ordinal = history.ordinal
        let before = queue(of: ordinal)
        histories[ordinal] = history.isEmpty ? nil : history
        guard lease(of: ordinal) == nil, queue(of: ordinal) != before else { return }
        places[ordinal] = .waiting
        enqueue(ordinal)
    }

    // MARK: Helpers

    private func queued(_ ordinal: Int) -> QueuedRow {
        // A row whose spans are done is as urgent as it is long, though little is left to do.
        QueuedRow(
            audioMilliseconds: isCut(ordinal)
                ? length(of: ordinal).milliseconds : workMilliseconds(of: ordinal),
            ordinal: ordinal)
    }

    func isWaiting(_ ordinal: Int, in queue: Queue) -> Bool {
        guard case .waiting = places[ordinal], heldUntil[ordinal] == nil else { return false }
        return self.queue(of: ordinal) == queue
    }

    mutating func enqueue(_ ordinal: Int) {
        guard heldUntil[ordinal] == nil else { return }
        let history = histories[ordinal]
        switch queue(of: ordinal) {
        case .clean where spans.isSpan(ordinal):
            clearSpans.insert(ordinal)
        case .clean:
            clean.insert(queued(ordinal))
        case .elsewhere:
            let slot =
                history?.engineSlots.last ?? history?.inputSlots.last ?? history?.sourceSlots.last
                ?? history?.workerSlots.last ?? ""
            elsewhere.insert(queued(ordinal), slot: slot)
        case .alone:
            let suspect = history?.lossesAlone.last ?? history?.lossesInCompany.last
            alone.insert(queued(ordinal), slot: suspect?.slot ?? "")
        }
    }
}
