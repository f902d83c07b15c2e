internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import WorkerCoordination

/// The workers' processes: their engines, connections and ends.
extension SimulatedCluster {
    mutating func startWorker(_ slot: Int) {
        guard !isFinished else { return }
        let id = workers.count
        var instance = ""
        for _ in 0..<2 {
            let digits = String(random.next(), radix: 16)
            instance += String(repeating: "0", count: 16 - digits.count) + digits
        }
        var clock = ProcessClock(
            DriftingClock(
                offset: Int64(random.draw(0...1_000_000)) * 1_000_000 + world.clockShift,
                rate: Int64(random.draw(900...1_100))))
        let began = clock.time(at: now)
        let identity = WorkerIdentity(
            slot: slots[slot].name, instance: instance, build: "simulated",
            modelDigest: Self.digest("model"), engineNumber: 1, arithmetic: "fp32/portable",
            arithmeticClasses: ["fp32/portable"], canaryDigest: Self.digest("canary"), cores: 1,
            memoryBytes: slots[slot].memoryBytes, speed: slots[slot].claimedSpeed,
            computesSpans: world.sharesRows && !world.olderSlots.contains(slot))
        workers.append(
            SimulatedWorker(
                id: id, slot: slots[slot], instance: instance,
                session: WorkerSession(
                    identity: identity, limits: world.limits, at: began),
                clock: clock))
        log.note(now, "\(slots[slot].name)#\(id): starts")
        schedule(.connect(worker: id), within: 1...100)
        scheduleTick(id)
    }

    /// Hands an event to a worker's session and does what it asks for.
    mutating func hand(_ event: WorkerEvent, to worker: Int) {
        guard workers[worker].isAlive else { return }
        let local = workers[worker].time(at: now)
        let effects = workers[worker].session.handle(event, at: local)
        for effect in effects where workers[worker].isAlive { perform(effect, of: worker) }
        scheduleTick(worker)
    }

    private mutating func scheduleTick(_ worker: Int) {
        let next = workers[worker].clock.world(workers[worker].session.nextTick)
        guard workers[worker].isAlive, next < workers[worker].wakesAt else { return }
        workers[worker].wakesAt = max(next, now)
        schedule(.tick(worker: worker), at: next)
    }

    mutating func tick(_ worker: Int) {
        guard workers[worker].isAlive, workers[worker].frozenUntil == nil,
            now >= workers[worker].wakesAt
        else { return }
        workers[worker].wakesAt = Instant(nanoseconds: .max)
        if workers[worker].isComputing { hand(.progress(computedMilliseconds: 0), to: worker) }
        hand(.tick, to: worker)
    }

    private mutating func perform(_ effect: WorkerEffect, of worker: Int) {
        switch effect {
        case .send(let message):
            send(message, from: worker)
        case .begin:
            break
        case .give(let tasks):
            workers[worker].inbox += tasks
            startBatch(worker)
        case .withdraw(let ordinals):
            let taken = workers[worker].inbox.filter { ordinals.contains($0.ordinal) }
            workers[worker].inbox.removeAll { ordinals.contains($0.ordinal) }
            hand(.withdrawn(taken.map(\.ordinal)), to: worker)
        case .holdEngine(let isHeld):
            workers[worker].isHeld = isHeld
            startBatch(worker)
        case .closeInbox:
            workers[worker].isClosed = true
            endEngineIfEmpty(worker)
        case .reconnect:
            workers[worker].connection = nil
            schedule(.connect(worker: worker), within: 1...100)
        case .exit(let reason):
            end(worker, reason)
        }
    }

    // MARK: The engine

    private mutating func startBatch(_ worker: Int) {
        guard workers[worker].isAlive, workers[worker].frozenUntil == nil,
            workers[worker].formBatch()
        else { return }
        let ordinals = workers[worker].batch.map(\.ordinal)
        let rows = workers[worker].batch.map { SimulatedInput.row(of: $0) }
        let number = workers[worker].batchNumber
        log.note(now, "\(workers[worker].slot.name)#\(worker): computes \(ordinals)")
        checker.engineStarts(rows)
        if rows.contains(where: { world.input.behaviors[$0] == .poisonsAtOnce }) {
            die(of: worker)
            return
        }
        hand(.engine(.started(ordinals)), to: worker)
        for task in workers[worker].batch where task.ordinal % 3 == 0 && task.part == nil {
            let ordinal = task.ordinal
            // The plan was wrong, and some recordings have channels of their own.
            let length = RowLength(
                milliseconds: world.input.audioMilliseconds(of: ordinal) * 3 / 2,
                lanes: 1 + ordinal % 2)
            hand(.engine(.measured(ordinal: ordinal, length)), to: worker)
        }
        guard workers[worker].isAlive else { return }
        let audio = workers[worker].batch.reduce(0) {
            $0 + world.input.audioMilliseconds(of: $1)
        }
        let takes = Duration.microseconds(
            1_000 + audio * 1_000_000 / workers[worker].slot.speed)
        if rows.contains(where: { world.input.behaviors[$0] == .hangs }) {
            workers[worker].isStuck = true
        }
        if rows.contains(where: { world.input.behaviors[$0] == .poison }) {
            schedule(.poisoned(worker: worker, batch: number), after: takes / 2)
        }
        schedule(.batchEnds(worker: worker, batch: number), after: takes)
    }

    mutating func batchEnds(_ worker: Int, _ number: Int) {
        guard workers[worker].isAlive, workers[worker].batchNumber == number,
            !workers[worker].batch.isEmpty, !workers[worker].isStuck
        else { return }
        if let thaws = workers[worker].frozenUntil {
            schedule(.batchEnds(worker: worker, batch: number), at: thaws)
            return
        }
        let batch = workers[worker].batch
        // A thaw may bring the end of a batch before the death that it should have been.
        if batch.contains(where: { world.input.behaviors[SimulatedInput.row(of: $0)] == .poison }) {
            die(of: worker)
            return
        }
        workers[worker].batch = []
        for task in batch {
            let source = world.input.sourceNumber(of: SimulatedInput.row(of: task))
            let isAway = world.faults.outages.contains {
                $0.source == source && $0.fromMilliseconds <= now.milliseconds
                    && now.milliseconds < $0.toMilliseconds
            }
            let mark = world.mutant == .recordsNameSlots ? workers[worker].slot.name : ""
            let end = workers[worker].end(
                of: task, world.input, isAway: isAway, mark: mark, hasFeatures: world.hasFeatures)
            hand(.engine(end), to: worker)
            guard workers[worker].isAlive else { return }
        }
        startBatch(worker)
        endEngineIfEmpty(worker)
    }

    private mutating func endEngineIfEmpty(_ worker: Int) {
        guard workers[worker].isAlive, workers[worker].isClosed, workers[worker].batch.isEmpty,
            workers[worker].inbox.isEmpty
        else { return }
        hand(.engineEnded(error: nil), to: worker)
    }

    // MARK: The connection

    mutating func connect(_ worker: Int) {
        guard workers[worker].isAlive, workers[worker].connection == nil, !isFinished else {
            return
        }
        let isCut = cuts.contains { $0?.slots.contains(workers[worker].slot.index) ?? false }
        guard coordinator != nil, !isCut, workers[worker].frozenUntil == nil else {
            // The socket goes on trying.
            schedule(.connect(worker: worker), after: .milliseconds(400))
            return
        }
        let connection = connections.count
        connections.append(worker)
        workers[worker].connection = connection
        hand(.connected, to: worker)
    }

    mutating func disconnect(_ worker: Int, _ connection: Int) {
        guard workers[worker].isAlive,
            workers[worker].connection == nil || workers[worker].connection == connection
        else { return }
        workers[worker].connection = nil
        hand(.disconnected, to: worker)
        schedule(.connect(worker: worker), within: 100...500)
    }

    private mutating func send(_ message: WorkerMessage, from worker: Int) {
        let process = workers[worker]
        guard let message = sabotage(message, process) else { return }
        checker.workerSends(message, instance: process.instance)
        if case .results(let results) = message {
            checker.resultsOnTheirWay(results, instance: process.instance)
        }
        log.note(now, "\(process.slot.name)#\(worker) -> coordinator: \(message.summary)")
        let isCut = cuts.contains { cut in
            cut.map { $0.toCoordinator && $0.slots.contains(process.slot.index) } ?? false
        }
        guard let connection = process.connection, !isCut else { return }
        let sent = throughBytes(message)
        for delay in deliveries() {
            schedule(
                .toCoordinator(sent, connection: connection),
                at: arrival(after: delay, connection * 2 + 1))
        }
    }

    mutating func deliver(_ message: CoordinatorMessage, toWorkerOver connection: Int) {
        let worker = connections[connection]
        guard workers[worker].isAlive, workers[worker].connection == connection else { return }
        if let thaws = workers[worker].frozenUntil {
            schedule(.toWorker(message, connection: connection), at: thaws)
            return
        }
        checker.workerHears(message, instance: workers[worker].instance)
        hand(.message(distort(message)), to: worker)
    }

    // MARK: Ends

    mutating func crash(_ worker: Int) {
        guard workers[worker].isAlive else { return }
        if let thaws = workers[worker].frozenUntil {
            schedule(.crashWorker(worker), at: thaws)
            return
        }
        log.note(now, "\(workers[worker].slot.name)#\(worker): dies")
        endProcess(worker, restarts: true, .killed)
    }

    /// The process dies of a row in its engine.
    mutating func die(of worker: Int) {
        guard workers[worker].isAlive else { return }
        if let thaws = workers[worker].frozenUntil {
            schedule(.poisoned(worker: worker, batch: workers[worker].batchNumber), at: thaws)
            return
        }
        log.note(now, "\(workers[worker].slot.name)#\(worker): dies of a row")
        checker.countLostWorker(
            workers[worker].batch.map { SimulatedInput.row(of: $0) }.filter {
                [.poison, .poisonsAtOnce].contains(world.input.behaviors[$0])
            })
        if !world.poisonIsKilled { checker.workerFaults(workers[worker].instance) }
        endProcess(worker, restarts: true, world.poisonIsKilled ? .killed : .fault)
    }

    private mutating func end(_ worker: Int, _ reason: WorkerExit) {
        log.note(now, "\(workers[worker].slot.name)#\(worker): exits, \(reason)")
        if reason.status == 70 {
            // One that a newer worker replaced was not lost to its row.
            checker.countLostWorker(
                workers[worker].batch.map { SimulatedInput.row(of: $0) }.filter {
                    world.input.behaviors[$0] == .hangs
                })
        }
        endProcess(
            worker, restarts: [70, 74, 75].contains(reason.status),
            reason.status == 70 ? .killed : .clean)
    }

    private mutating func endProcess(_ worker: Int, restarts: Bool, _ end: ProcessEnd) {
        workers[worker].isAlive = false
        let slot = workers[worker].slot.index
        if world.hasParent {
            // The parent tells before it starts another.
            schedule(
                .parentSees(slot: slot, instance: workers[worker].instance, end),
                within: 21...40)
        }
        if restarts {
            schedule(.startWorker(slot: slot), within: 50...4_000)
        }
    }

    mutating func thaw(_ worker: Int) {
        guard let thaws = workers[worker].frozenUntil, now >= thaws else { return }
        workers[worker].frozenUntil = nil
        workers[worker].wakesAt = Instant(nanoseconds: .max)
        log.note(now, "\(workers[worker].slot.name)#\(worker): thaws")
        if workers[worker].isAlive {
            hand(.tick, to: worker)
            startBatch(worker)
        }
    }
}
