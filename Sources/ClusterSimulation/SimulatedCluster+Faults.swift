internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import WorkerCoordination

/// Faults at their times, the network between, and the end of all faults.
extension SimulatedCluster {
    mutating func inflict(_ fault: FaultPlan.Fault) {
        guard !isFinished else { return }
        log.note(now, "fault: \(fault)")
        switch fault {
        case .crashWorker(let slot):
            for worker in living(in: slot) { crash(worker) }
        case .freezeWorker(let slot, let milliseconds):
            for worker in living(in: slot) {
                let thaws = now + .milliseconds(milliseconds)
                workers[worker].frozenUntil = thaws
                schedule(.thaw(worker: worker), at: thaws)
            }
        case .stickEngine(let slot):
            for worker in living(in: slot) { workers[worker].isStuck = true }
        case .doubleWorker(let slot):
            startWorker(slot)
        case .cut(let slots, let toCoordinator, let fromCoordinator, let milliseconds):
            cuts.append((Set(slots), toCoordinator, fromCoordinator))
            schedule(.heal(cut: cuts.count - 1), after: .milliseconds(milliseconds))
            if milliseconds > 15_000 { breakConnections(of: slots) }
        case .crashCoordinator:
            crashCoordinator()
        case .supersedeCoordinator:
            supersedeCoordinator()
        case .pauseCoordinator(let milliseconds):
            coordinatorPausedUntil = now + .milliseconds(milliseconds)
        case .crashEverything:
            for worker in workers.indices where workers[worker].isAlive {
                workers[worker].frozenUntil = nil
                crash(worker)
            }
            crashCoordinator()
        case .drainWorker(let slot):
            for worker in living(in: slot) where workers[worker].frozenUntil == nil {
                hand(.drain, to: worker)
            }
        case .drainCoordinator:
            if coordinator != nil { enqueue(.drain) }
        case .failCommit:
            commitFails = true
        case .operatorPauses(let milliseconds):
            perform(.command(.pause))
            schedule(.command(.resume), after: .milliseconds(milliseconds))
        case .operatorDrains(let slot, let milliseconds):
            perform(.command(.drain(slot: slots[slot].name)))
            schedule(.command(.resume), after: .milliseconds(milliseconds))
            schedule(.revive(slot: slot), after: .milliseconds(milliseconds + 500))
        case .operatorRetries:
            perform(.command(.retry(.allQuarantined)))
        case .operatorCancels:
            perform(.command(.cancel))
        case .fillDisk(let milliseconds):
            perform(.space(isShort: true))
            schedule(.space(isShort: false), after: .milliseconds(milliseconds))
        case .stallDisk(let milliseconds):
            diskStallsUntil = now + .milliseconds(milliseconds)
        }
    }

    /// The transport's own heartbeats notice a long cut.
    private mutating func breakConnections(of slots: [Int]) {
        for slot in slots {
            for worker in living(in: slot) {
                guard let connection = workers[worker].connection else { continue }
                schedule(
                    .disconnected(worker: worker, connection: connection), after: .seconds(15))
            }
        }
    }

    func living(in slot: Int) -> [Int] {
        workers.indices.filter { workers[$0].isAlive && workers[$0].slot.index == slot }
    }

    /// Everything works from now on: what must get done, gets done.
    mutating func mend() {
        log.note(now, "mended")
        mendedAt = now
        commitFails = false
        coordinatorPausedUntil = now
        for cut in cuts.indices { cuts[cut] = nil }
        for worker in workers.indices {
            if workers[worker].frozenUntil != nil {
                workers[worker].frozenUntil = now
                thaw(worker)
            }
        }
        for slot in slots.indices where living(in: slot).isEmpty {
            schedule(.revive(slot: slot), after: .milliseconds(100))
        }
        if coordinator == nil { schedule(.startCoordinator, after: .milliseconds(100)) }
        diskIsShort = false
        schedule(.space(isShort: false), after: .milliseconds(200))
        schedule(.lookAfter, after: .seconds(1))
    }

    /// What an operator does in the end: pauses that need one are ended, and no slot stays empty.
    mutating func lookAfter() {
        guard !isFinished else { return }
        // Other pauses must end by themselves.
        let pauses = status?.pauses ?? []
        let isHeldUp = pauses.contains(.operator) || pauses.contains(.suspectFleet)
        if isHeldUp || (world.faults.needsResume && !hasResumed) { perform(.command(.resume)) }
        hasResumed = coordinator != nil
        for slot in slots.indices where living(in: slot).isEmpty {
            schedule(.revive(slot: slot), after: .seconds(5))
        }
        schedule(.lookAfter, after: .seconds(20))
    }

    // MARK: The network

    /// When a message arrives: not at all, once, or twice.
    mutating func deliveries() -> [Duration] {
        guard !isMended else { return [random.milliseconds(1...20)] }
        if random.happens(world.faults.drops) { return [] }
        var delays = [random.milliseconds(1...20)]
        if random.happens(world.faults.repeats) {
            delays.append(random.milliseconds(1...world.faults.repeatsWithinMilliseconds))
        }
        if random.happens(world.faults.delays) { delays[0] += random.milliseconds(20...6_000) }
        return delays
    }

    /// The time of a delivery, after that of earlier messages unless messages may overtake.
    mutating func arrival(after delay: Duration, _ channel: Int) -> Instant {
        let arrival = now + delay
        // What is repeated so late holds nothing up that was sent after it.
        let isLateRepeat = delay > .milliseconds(6_020)
        guard !isLateRepeat, !world.faults.reorders || isMended else { return arrival }
        let ordered = max(arrival, lastDelivery[channel] ?? arrival)
        lastDelivery[channel] = ordered
        return ordered
    }

    mutating func throughBytes(_ message: WorkerMessage) -> WorkerMessage {
        guard world.encodesMessages else { return message }
        let bytes = MessageCodec.encode(.worker(message))
        guard case .worker(let read)? = try? MessageCodec.decode(bytes), read == message else {
            checker.fail("a message is not the same after encoding: \(message.kind)")
            return message
        }
        return read
    }

    mutating func throughBytes(_ message: CoordinatorMessage) -> CoordinatorMessage {
        guard world.encodesMessages else { return message }
        let bytes = MessageCodec.encode(.coordinator(message))
        guard case .coordinator(let read)? = try? MessageCodec.decode(bytes), read == message else {
            checker.fail("a message is not the same after encoding: \(message.kind)")
            return message
        }
        return read
    }
}
