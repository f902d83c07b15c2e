internal import ClusterProtocol
internal import Digests
internal import JobState
internal import SpeechTypes

/// Rows to the engine and back, and the end.
extension WorkerSession {
    // MARK: Leases

    mutating func accept(_ lease: Lease, at now: Instant) {
        guard leases[lease.lease] == nil, !isDraining, !inboxIsClosed else { return }
        let wasIdle = !hasWork
        var given: [RowTask] = []
        var ordinals: Set<Int> = []
        for row in lease.rows {
            ordinals.insert(row.ordinal)
            if let held = rows[row.ordinal] {
                // Leased again to the one that has it: no second computation.
                leases[held.lease]?.ordinals.remove(row.ordinal)
                if leases[held.lease]?.ordinals.isEmpty == true { leases[held.lease] = nil }
                rows[row.ordinal]?.lease = lease.lease
                rows[row.ordinal]?.leaves = .dropped
                continue
            }
            let task = RowTask(
                ordinal: row.ordinal, raw: row.raw, isAlone: lease.isAlone, part: row.part)
            rows[row.ordinal] = HeldRow(
                task: task, rowDigest: row.rowDigest, lease: lease.lease, place: .inbox)
            given.append(task)
        }
        leases[lease.lease] = WorkerLease(ordinals: ordinals)
        guard !given.isEmpty else { return }
        if wasIdle { lastProgress = now }
        effects.append(.give(given))
    }

    /// Drops leases that the coordinator did not list though this session had told it of them.
    mutating func drop(leasesMissingFrom beat: Beat) {
        let known = Set(beat.leases)
        drop(
            leases.keys.filter { number in
                guard let since = leases[number]?.listedSince, since <= beat.number else {
                    return false
                }
                return !known.contains(number)
            }.sorted())
    }

    /// Takes back the unstarted rows of leases that are not ours any more; started ones go on,
    /// since their results count all the same.
    mutating func drop(_ numbers: [Int]) {
        var unstarted: [Int] = []
        for number in numbers {
            for ordinal in leases[number]?.ordinals.sorted() ?? [] {
                if rows[ordinal]?.place == .inbox { unstarted.append(ordinal) }
            }
            leases[number] = nil
        }
        if !unstarted.isEmpty { withdraw(unstarted) }
    }

    /// Takes back the unstarted ones of some rows of a lease.
    mutating func withdraw(_ asked: LeaseRows, _ reason: HeldRow.Leaving) {
        let unstarted = asked.ordinals.filter {
            rows[$0]?.lease == asked.lease && rows[$0]?.place == .inbox
        }
        guard !unstarted.isEmpty else { return }
        for ordinal in unstarted { rows[ordinal]?.leaves = reason }
        withdraw(unstarted)
    }

    private mutating func withdraw(_ ordinals: [Int]) {
        for ordinal in ordinals { rows[ordinal]?.place = .leaving }
        withdrawals.append(ordinals)
        effects.append(.withdraw(ordinals))
    }

    /// The answer to the oldest open `withdraw`.
    mutating func rowsWithdrawn(_ ordinals: [Int]) {
        guard !withdrawals.isEmpty else { return }
        let withdrawn = Set(ordinals)
        var released: [Int: [Int]] = [:]
        var revoked: [Int: [Int]] = [:]
        var again: [RowTask] = []
        for ordinal in withdrawals.removeFirst() {
            guard let row = rows[ordinal], row.place == .leaving else { continue }
            let isOurs = leases[row.lease] != nil
            if !withdrawn.contains(ordinal) {
                // In the engine's hands already.
                rows[ordinal]?.place = .inbox
            } else if row.leaves == .dropped, isOurs, !isDraining {
                // Leased to us again meanwhile.
                rows[ordinal]?.place = .inbox
                again.append(row.task)
            } else {
                if row.leaves == .revoked, isOurs {
                    revoked[row.lease, default: []].append(ordinal)
                } else if row.leaves == .dropped, isOurs {
                    released[row.lease, default: []].append(ordinal)
                }
                forget(ordinal)
            }
        }
        if !again.isEmpty { effects.append(.give(again)) }
        for lease in released.keys.sorted() {
            outbox.add(.release(lease: lease, ordinals: released[lease] ?? [], .drain))
        }
        for lease in revoked.keys.sorted() {
            outbox.add(.release(lease: lease, ordinals: revoked[lease] ?? [], .revoked))
        }
        if isDraining, withdrawals.isEmpty, !inboxIsClosed {
            inboxIsClosed = true
            effects.append(.closeInbox)
        }
    }

    /// The row is none of ours any more.
    mutating func forget(_ ordinal: Int) {
        guard let row = rows.remove(ordinal) else { return }
        leases[row.lease]?.ordinals.remove(ordinal)
        if leases[row.lease]?.ordinals.isEmpty == true { leases[row.lease] = nil }
    }

    // MARK: The engine

    mutating func receive(_ event: RowEvent, at now: Instant) {
        switch event {
        case .started(let ordinals):
            lastProgress = now
            for ordinal in ordinals { rows[ordinal]?.place = .engine }
            rateMeter.engineIsBusy(true, at: now)
            startedUntold += ordinals
            tellStartedIfDue(at: now)
        case .measured(let ordinal, let length):
            lastProgress = now
            let longest = limits.recordingMillisecondsMax
            rows[ordinal]?.measured = RowLength(
                milliseconds: min(max(0, length.milliseconds), longest),
                lanes: min(max(1, length.lanes), limits.lanesMax))
        case .finished(let row):
            finished(row, at: now)
        case .failed(let row) where row.failureClass == .worker:
            leave(becauseOf: row.detail, at: now)
        case .failed(let row):
            guard let held = rowEnded(row.ordinal, audioMilliseconds: 0, at: now) else { return }
            outbox.add(
                .failure(
                    lease: held.lease, row: row.ordinal, digest: held.rowDigest, row.failureClass,
                    row.code, detail: row.detail.truncated(bytesMax: limits.textBytesMax)))
        }
    }

    /// When started rows are to be told of; nil while there are none.
    var startedDue: Instant? {
        guard !startedUntold.isEmpty else { return nil }
        return startedToldAt.map { $0 + limits.startedLinger } ?? lastAdvance
    }

    /// Says which rows entered the engine and are there still, at once or a moment later.
    mutating func tellStartedIfDue(at now: Instant) {
        guard let due = startedDue, now >= due else { return }
        tellStarted(at: now)
    }

    private mutating func tellStarted(at now: Instant) {
        guard let session else { return }
        startedToldAt = now
        let ordinals = startedUntold.filter { rows[$0]?.place == .engine }
        startedUntold = []
        guard !ordinals.isEmpty else { return }
        // What was in the engine before is said first, so that it is no suspect if the worker dies now.
        outbox.pack()
        flushOutbox(at: now)
        send(.started(Started(session: session, ordinals: ordinals)))
    }

    /// Ends a worker that cannot do its part for any row, whoever tries: its rows go back, and none is charged.
    private mutating func leave(becauseOf fault: String, at now: Instant) {
        flushEverything(at: now)
        if let session { send(.goodbye(Goodbye(session: session, reason: .drained))) }
        exit(.machine(fault))
    }

    private mutating func finished(_ row: FinishedRow, at now: Instant) {
        let decoded = row.audioSeconds * 1_000
        let audio = decoded > 0 ? Int(min(decoded, Double(limits.recordingMillisecondsMax))) : 0
        guard let held = rowEnded(row.ordinal, audioMilliseconds: audio, at: now) else { return }
        guard row.record.count <= limits.recordBytesMax, row.audioDigest.count == 16,
            row.features.count <= limits.featuresBytesMax
        else {
            outbox.add(
                .failure(
                    lease: held.lease, row: row.ordinal, digest: held.rowDigest, .engine,
                    .quarantinedEngine,
                    detail: "the record has \(row.record.count) bytes, more than may be sent"))
            return
        }
        outbox.add(
            ResultRow(
                ordinal: row.ordinal, rowDigest: held.rowDigest, record: row.record,
                recordCRC: CRC32C.checksum(of: row.record),
                recordDigest: SHA256Hasher.digest(of: row.record).short,
                audioDigest: ShortDigest(row.audioDigest), audioMilliseconds: audio,
                warning: row.warning.truncated(bytesMax: limits.textBytesMax),
                features: row.features, featuresCRC: CRC32C.checksum(of: row.features),
                object: row.object.truncated(bytesMax: limits.textBytesMax)),
            at: now, frameBytesMax: limits.frameBytesMax)
    }

    /// A row left the engine; nil if it is not ours.
    private mutating func rowEnded(
        _ ordinal: Int, audioMilliseconds: Int, at now: Instant
    ) -> HeldRow? {
        lastProgress = now
        guard let held = rows[ordinal], held.place != .outbox else { return nil }
        rows[ordinal]?.place = .outbox
        // A row that is made of its spans says nothing of how fast the engine is.
        let lanes = held.task.isJoin ? 0 : held.measured?.lanes ?? 1
        let work = audioMilliseconds * lanes
        endedMilliseconds += work
        // What was computed of rows that failed is nobody's.
        if rows.count(at: .engine) == 0 { endedMilliseconds = computedMilliseconds }
        if let measured = rateMeter.done(audioMilliseconds: work, at: now) {
            speed = max(1, min((speed + measured) / 2, limits.speedMax))
        }
        if rows.count(at: .engine) == 0 { rateMeter.engineIsBusy(false, at: now) }
        return held
    }

    mutating func holdEngineIfFull(at now: Instant) {
        let isFull = outbox.bytes > windowBytes
        guard isFull != isHeld else { return }
        isHeld = isFull
        lastProgress = now
        effects.append(.holdEngine(isFull))
    }

    /// An engine that stands still is ended by its own process, before the coordinator's patience is
    /// over: less is lost so.
    ///
    /// An engine that takes no rows though it may stands still as well.
    mutating func watchEngine(at now: Instant) {
        guard progressAge(at: now) > limits.engineStall else { return }
        exit(
            .engine(
                "the engine made no progress for \(limits.engineStall): nothing was decoded, "
                    + "nothing computed"))
    }

    /// How long the engine has had rows and made no step; zero if it has none or must wait.
    func progressAge(at now: Instant) -> Duration {
        hasWork && !isHeld ? now - lastProgress : .zero
    }

    private var hasWork: Bool {
        HeldRow.Place.allCases.contains { $0 != .outbox && rows.count(at: $0) > 0 }
    }

    mutating func engineEnded(_ error: String?, at now: Instant) {
        if let error {
            tellStarted(at: now)
            flushEverything(at: now)
            if let session { send(.goodbye(Goodbye(session: session, reason: .engine))) }
            exit(.engine(error))
        } else if !inboxIsClosed {
            exit(.engine("the engine ended though more rows may come"))
        }
    }

    // MARK: Drain

    mutating func beginDrain(at now: Instant) {
        guard !isDraining else { return }
        drainEnds = now + limits.drainDeadline
        withdraw(rows.ordinals(at: .inbox))
    }

    /// Ends when nothing is left to do or to say, or time is up.
    mutating func endDrainIfDone(at now: Instant) {
        guard let drainEnds else { return }
        let isDone =
            inboxIsClosed && rows.count(at: .engine) == 0 && outbox.isEmpty && !hasRowsInInbox
        guard isDone || now >= drainEnds else { return }
        flushEverything(at: now)
        if let session { send(.goodbye(Goodbye(session: session, reason: .drained))) }
        exit(.drained)
    }

    /// Rows that the engine took and did not report as started yet.
    private var hasRowsInInbox: Bool {
        rows.count(at: .inbox) + rows.count(at: .leaving) > 0
    }

    private mutating func flushEverything(at now: Instant) {
        outbox.pack()
        flushOutbox(at: now)
    }
}
