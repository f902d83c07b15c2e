internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import HeapModule
internal import JobState
internal import SpeechTypes

/// The coordinator's process: its turns, its disk, its deaths.
extension SimulatedCluster {
    mutating func startCoordinator() {
        guard coordinator == nil, !isFinished else { return }
        epoch += 1
        journal.begin(epoch: epoch)
        let offset = Int64(random.draw(0...1_000_000)) * 1_000_000 + world.clockShift
        coordinatorClock = ProcessClock(
            DriftingClock(offset: offset, rate: Int64(random.draw(900...1_100))),
            countsPauses: world.mutant == .countPauses)
        coordinatorPausedUntil = now
        var replay = journal.replay(epoch: epoch)
        if epoch > 1 {
            checker.coordinatorRestarts()
            sabotage(&replay)
        }
        var options = RecognitionOptions()
        options.hasFeatures = world.hasFeatures
        let identity = JobIdentity(
            manifestDigest: Self.digest("manifest"), rowCount: world.input.rowCount,
            options: options, modelDigest: Self.digest("model"), engineNumber: 1,
            arithmetic: JobIdentity.automaticArithmetic)
        coordinator = Coordinator(
            configuration: .init(
                identity: identity, manifestFolder: "/data", limits: coordinatorLimits,
                sharesRows: world.sharesRows),
            plan: world.input, replay: replay, at: coordinatorClock.time(at: now))
        log.note(now, "coordinator: life \(epoch) begins")
        events = []
        turnAt = Instant(nanoseconds: .max)
        let invalid = world.input.behaviors.indices.filter {
            world.input.behaviors[$0] == .invalid
        }
        enqueue(
            .rejectedAtPlanning(
                invalid.map {
                    PlanningRejection(
                        ordinal: $0, code: SimulatedInput.invalidCode, detail: "simulated")
                }))
        enqueue(.space(isShort: diskIsShort))
        for worker in workers.indices where workers[worker].isAlive {
            schedule(.connect(worker: worker), within: 1...300)
        }
    }

    static func digest(_ text: String) -> ContentDigest {
        SHA256Hasher.digest(of: Array(text.utf8))
    }

    // MARK: Turns

    /// Puts an event into the inbox; the next turn takes it.
    mutating func enqueue(_ event: CoordinatorEvent) {
        events.append(event)
        let delay = random.milliseconds(0...3)
        scheduleTurn(at: now + delay)
    }

    private mutating func scheduleTurn(at time: Instant) {
        guard time < turnAt else { return }
        turnAt = time
        schedule(.coordinatorTurn(epoch: epoch), at: time)
    }

    mutating func coordinatorTurn() {
        guard coordinator != nil, now >= turnAt else { return }
        turnAt = Instant(nanoseconds: .max)
        guard now >= coordinatorPausedUntil else {
            scheduleTurn(at: coordinatorPausedUntil)
            return
        }
        let taken = Array(events.prefix(world.eventsPerTurnMax))
        events.removeFirst(taken.count)
        // The mutant forgets to end one turn in four.
        let isCutShort = world.mutant == .skipTurnEnds && random.happens(250)
        for event in isCutShort ? taken : taken + [.turnEnded] {
            let time = coordinatorClock.time(at: now)
            let effects = coordinator?.handle(event, at: time) ?? []
            let isFailure = if case .commitFailed = event { true } else { false }
            if isFailure, effects.contains(where: \.isSend) {
                checker.fail("I14: something was sent after a failed commit")
            }
            for effect in effects {
                guard coordinator != nil else { return }
                perform(effect)
                if !isMended, world.faults.boundaryCrashes > 0,
                    random.draw(0...9_999) < world.faults.boundaryCrashes
                {
                    crashCoordinator()
                }
            }
        }
        guard let coordinator else { return }
        if world.checksEveryTurn {
            for contradiction in coordinator.contradictions() { checker.fail(contradiction) }
            let time = coordinatorClock.time(at: now)
            for session in coordinator.idleSessionsWithRowsWaiting(at: time) {
                checker.fail("P2: session \(session) has nothing to do while rows wait")
            }
        }
        if !events.isEmpty { scheduleTurn(at: now) }
        let next = coordinatorClock.world(coordinator.nextTurn)
        if next.nanoseconds < .max { scheduleTurn(at: next) }
    }

    private mutating func perform(_ effect: CoordinatorEffect) {
        switch effect {
        case .send(let message, let peer):
            send(message, to: peer)
        case .sendLease(let grant, let peer):
            checker.coordinatorSends(grant, journal: journal)
            let rows = grant.ordinals.map { ordinal in
                let row = coordinator?.row(of: ordinal) ?? ordinal
                return LeaseRow(
                    ordinal: ordinal, rowDigest: world.input.rowDigest(of: row),
                    audioMilliseconds: world.input.audioMilliseconds(of: row),
                    raw: SimulatedInput.raw(of: row))
            }
            send(grant.message(rows: rows), to: peer)
        case .answer:
            if world.mutant != .dropAnswers { checker.commandAnswered() }
        case .sendStatus, .exportSnapshot:
            break
        case .commit(let batch):
            log.note(
                now, "coordinator: commits \(batch.number) with \(batch.entries.count) entries")
            startCommit(batch)
        case .compareDuplicate(let claim):
            if journal.outcomes[claim.ordinal]?.recordDigest != claim.recordDigest,
                journal.outcomes[claim.ordinal]?.record != nil
            {
                checker.fail("I3: row \(claim.ordinal) was computed with two results")
            }
        case .finished:
            log.note(now, "coordinator: finished")
            isFinished = true
            checker.finished(journal)
        case .stopped(let reason):
            log.note(now, "coordinator: stopped, \(reason)")
            coordinator = nil
            disconnectEverybody()
            schedule(.startCoordinator, within: 100...3_000)
            // Whoever starts a cancelled job again starts its workers too.
            if reason == .cancelled {
                for slot in slots.indices { schedule(.revive(slot: slot), within: 3_500...6_000) }
            }
        }
    }

    private mutating func send(_ message: CoordinatorMessage, to peer: PeerID) {
        let connection = peer.bytes.reduce(0) { $0 << 8 | Int($1) }
        let worker = workers[connections[connection]]
        let message = sabotage(message)
        checker.coordinatorSends(message, instance: worker.instance, journal: journal)
        log.note(now, "coordinator -> \(worker.slot.name)#\(worker.id): \(message.summary)")
        let isCut = cuts.contains { cut in
            cut.map { $0.fromCoordinator && $0.slots.contains(worker.slot.index) } ?? false
        }
        guard !isCut else { return }
        let sent = throughBytes(message)
        for delay in deliveries() {
            schedule(
                .toWorker(sent, connection: connection),
                at: arrival(after: delay, connection * 2))
        }
    }

    static func peer(of connection: Int) -> PeerID {
        PeerID([
            UInt8(connection >> 16 & 255), UInt8(connection >> 8 & 255), UInt8(connection & 255),
        ])
    }

    mutating func deliver(_ message: WorkerMessage, over connection: Int) {
        guard coordinator != nil, workers[connections[connection]].connection == connection else {
            return
        }
        enqueue(.message(message, from: Self.peer(of: connection)))
    }

    // MARK: The disk

    private mutating func startCommit(_ batch: CommitBatch) {
        let fails = commitFails
        commitFails = false
        let takes = random.milliseconds(1...25)
        let start = max(now, isMended ? now : diskStallsUntil)
        schedule(.commitDone(epoch: epoch, batch, fails: fails), at: start + takes)
        if world.mutant == .acknowledgeBeforeCommit {
            events.append(.commitFinished(batch: batch.number))
            scheduleTurn(at: now)
        }
    }

    mutating func commitDone(_ batch: CommitBatch, fails: Bool) {
        // A failed commit may have reached the disk all the same.
        if !fails || random.happens(300) { makeDurable(batch) }
        guard world.mutant != .acknowledgeBeforeCommit else { return }
        if fails, world.mutant != .ignoreFailedCommit {
            log.note(now, "disk: commit \(batch.number) failed")
            enqueue(.commitFailed(batch: batch.number))
            return
        }
        if !fails, let coordinator, coordinator.isSettled(byCommit: batch.number),
            world.checksEveryTurn || random.happens(1)
        {
            checker.compare(coordinator, with: journal)
        }
        enqueue(.commitFinished(batch: batch.number))
    }

    private mutating func makeDurable(_ batch: CommitBatch) {
        let entries = sabotage(batch.entries)
        for rule in journal.apply(entries) { checker.fail(rule) }
        if world.mutant == .writeTwice {
            for rule in journal.apply(entries) { checker.fail(rule) }
        }
        checker.committed(entries, journal: journal)
        checkSessionLosses(in: entries)
    }

    /// P3 and P5: sessions that end though nothing is wrong with their workers.
    private mutating func checkSessionLosses(in entries: [JournalEntry]) {
        guard !world.input.behaviors.contains(where: \.isPoison) else { return }
        // An engine that stands still is noticed long after it was made to.
        let mayStandStill = world.faults.faults.contains {
            if case .stickEngine = $0.fault { true } else { false }
        }
        let isLong = mendedAt.map { now - $0 > .seconds(60) } ?? false && !mayStandStill
        guard isLong || world.faults.isPausesOnly else { return }
        for case .note(let note) in entries where note.kind == .workerLost {
            checker.fail(
                isLong
                    ? "P5: \(note.slot) lost its session though nothing goes wrong any more"
                    : "P3: \(note.slot) lost its session while the coordinator stood still")
        }
    }

    /// A commit of a coordinator that another one replaced: the journal knows the higher epoch and refuses it.
    mutating func commitArrivesLate(_ batch: CommitBatch, of epoch: Int) {
        guard journal.epoch == epoch || world.mutant == .supersededCommits else {
            log.note(now, "disk: refuses commit \(batch.number) of epoch \(epoch)")
            return
        }
        if journal.epoch != epoch {
            checker.fail("I15: epoch \(epoch) committed after epoch \(journal.epoch) had begun")
        }
        makeDurable(batch)
    }

    // MARK: Deaths

    mutating func crashCoordinator() {
        guard coordinator != nil else { return }
        log.note(now, "coordinator: dies")
        coordinator = nil
        dropOpenCommit()
        disconnectEverybody()
        schedule(.startCoordinator, within: 50...8_000)
    }

    /// The process stands still for ever, as far as anybody sees, and another one is started on the journal; the
    /// commit that was open reaches the disk at any time.
    mutating func supersedeCoordinator() {
        guard coordinator != nil else { return }
        log.note(now, "coordinator: stands still and is given up")
        coordinator = nil
        var rest: [Scheduled] = []
        while let next = agenda.popMin() {
            if case .commitDone(let epoch, let batch, let fails) = next.action, epoch == self.epoch
            {
                if !fails {
                    schedule(.lateCommit(epoch: epoch, batch), within: 0...10_000)
                }
            } else {
                rest.append(next)
            }
        }
        for item in rest { agenda.insert(item) }
        disconnectEverybody()
        schedule(.startCoordinator, within: 50...4_000)
    }

    /// The commit that was open reaches the disk, or does not.
    private mutating func dropOpenCommit() {
        var rest: [Scheduled] = []
        while let next = agenda.popMin() {
            if case .commitDone(let epoch, let batch, let fails) = next.action, epoch == self.epoch
            {
                if !fails, random.happens(500) { makeDurable(batch) }
            } else {
                rest.append(next)
            }
        }
        for item in rest { agenda.insert(item) }
    }

    private mutating func disconnectEverybody() {
        for worker in workers.indices where workers[worker].isAlive {
            guard let connection = workers[worker].connection else { continue }
            workers[worker].connection = nil
            // A dead machine does not say so; a dead process's socket does.
            if random.happens(700) {
                schedule(
                    .disconnected(worker: worker, connection: connection),
                    within: 0...50)
            }
        }
    }
}

extension CoordinatorEffect {
    fileprivate var isSend: Bool {
        switch self {
        case .send, .sendLease: true
        default: false
        }
    }
}
