internal import ClusterProtocol
internal import Digests
internal import SpeechTypes

/// Who is there: hello and goodbye, beats, silence, and newer workers in old places.
extension Coordinator {
    mutating func take(_ message: WorkerMessage, from peer: PeerID, at now: Instant) {
        if case .hello(let hello) = message {
            greet(hello, from: peer, at: now)
            return
        }
        guard let number = message.session, sessions[number]?.peer == peer else {
            // A session of another connection is as unknown as one that never was.
            if case .goodbye = message { return }
            let answer: CoordinatorMessage =
                phase == .finished ? .rejected(Self.jobFinished) : .unknownSession
            effects.append(.send(answer, to: peer))
            return
        }
        sessions[number]?.lastHeard = now
        if sessions[number]?.isProven == false { prove(number, at: now) }
        guard sessions[number] != nil else { return }
        switch message {
        case .hello:
            break
        case .requestWork(let request):
            sessions[number]?.credit = request.credit
        case .started(let started):
            rowsStarted(started.ordinals, in: number)
        case .results(let results):
            take(results, at: now)
        case .failure(let failure):
            take(failure, at: now)
        case .release(let release):
            take(release)
        case .heartbeat(let heartbeat):
            take(heartbeat, at: now)
        case .goodbye(let goodbye):
            // An engine that ended with an error may have met its row.
            endSession(number, goodbye.reason == .engine ? .lost : .released, at: now)
        }
    }

    // MARK: Hello

    private mutating func greet(_ hello: Hello, from peer: PeerID, at now: Instant) {
        let identity = hello.identity
        if let refusal = refusal(of: identity) {
            if refusal.code != .jobFinished, refusal.code != .stopping {
                note(.workerRejected, slot: identity.slot, refusal.sentence)
            }
            effects.append(.send(.rejected(refusal), to: peer))
            return
        }
        if facts == nil {
            let facts = FleetFacts(
                arithmetic: jobArithmetic(for: identity), canaryDigest: identity.canaryDigest,
                slot: identity.slot)
            self.facts = facts
            append(.fleetFacts(facts))
            pending.isUrgent = true
        }
        let number = openSession(hello, from: peer, at: now)
        let isClaimant = sessions[number]?.isClaimant ?? true
        let kept = isClaimant ? [] : claimLeases(hello, for: number, at: now)
        sessions[number]?.isBenched = stalledInstances.contains(identity.instance)
        pending.isUrgent = true
        afterCommit(.send(.welcome(welcome(session: number, kept: kept)), peer))
    }

    /// The class that the job runs in, or would with this worker as its first.
    private func jobArithmetic(for identity: WorkerIdentity) -> String {
        if let facts { return facts.arithmetic }
        let asked = configuration.identity.arithmetic
        return asked == JobIdentity.automaticArithmetic ? identity.arithmetic : asked
    }

    /// Why a worker cannot work here; nil if it can.
    private func refusal(of worker: WorkerIdentity) -> Rejected? {
        let job = configuration.identity
        let major = Int(ProtocolVersion.major)
        let arithmetic = jobArithmetic(for: worker)
        if phase == .finished { return Self.jobFinished }
        if isCancelled { return Self.cancelled }
        if phase == .draining {
            return Rejected(
                code: .stopping, sentence: "the coordinator is stopping",
                retryMilliseconds: limits.heartbeat.wholeMilliseconds)
        }
        guard worker.versionMin <= major, major <= worker.versionMax else {
            return Rejected(
                code: .version,
                sentence: "the coordinator speaks protocol \(major), the worker "
                    + "\(worker.versionMin) to \(worker.versionMax): install the same release")
        }
        guard worker.modelDigest == job.modelDigest else {
            return Rejected(
                code: .model,
                sentence: "the job needs model \(job.modelDigest.hex.prefix(16)), the worker has "
                    + "\(worker.modelDigest.hex.prefix(16)): give it the same --model")
        }
        guard worker.engineNumber == job.engineNumber else {
            return Rejected(
                code: .engine,
                sentence: "the job needs engine \(job.engineNumber), the worker has "
                    + "\(worker.engineNumber): install the same release")
        }
        guard worker.arithmetic == arithmetic else {
            let canChange = worker.arithmeticClasses.contains(arithmetic)
            return Rejected(
                code: .arithmetic,
                sentence: canChange
                    ? "the job runs in \(arithmetic), the worker loaded \(worker.arithmetic)"
                    : "the job runs in \(arithmetic), which this machine cannot do: "
                        + "name a narrower class with --arithmetic for the whole job",
                arithmetic: arithmetic)
        }
        if let facts, facts.arithmetic == arithmetic, facts.canaryDigest != worker.canaryDigest {
            return Rejected(
                code: .canary,
                sentence: "the worker's canary differs from that of \(facts.slot): its model, "
                    + "vocabulary or math library is not the same")
        }
        guard !superseded.contains(worker.instance) else {
            return Rejected(
                code: .superseded, sentence: "a newer worker runs in slot \(worker.slot)")
        }
        guard !drainedSlots.contains(worker.slot) else {
            return Rejected(
                code: .drained,
                sentence: "an operator drained slot \(worker.slot); resume lets it work again")
        }
        guard sessions.count < limits.sessionsMax || sessionBySlot[worker.slot] != nil else {
            return Rejected(
                code: .fleetFull, sentence: "\(limits.sessionsMax) workers are there already",
                retryMilliseconds: limits.heartbeat.wholeMilliseconds)
        }
        return nil
    }

    /// Opens a session, or goes on with that of a repeated `hello`.
    ///
    /// Where another instance has the slot, the newcomer is a claimant until it speaks again: a
    /// `hello` may arrive long after its sender's death, and must not push out a living worker.
    private mutating func openSession(
        _ hello: Hello, from peer: PeerID, at now: Instant
    ) -> Int {
        let identity = hello.identity
        if let old = sessionByPeer[peer], let session = sessions[old] {
            if session.instance == identity.instance {
                sessions[old]?.lastHeard = now
                return old
            }
            endSession(old, .lost, at: now)
        }
        sessionsOpened += 1
        let number = incarnation << 32 | sessionsOpened
        sessions[number] = SessionState(
            number: number, peer: peer, identity: identity, firstNumber: hello.firstNumber, at: now)
        sessionOrder.append(number)
        sessionByPeer[peer] = number
        let previous = sessionBySlot[identity.slot]
        if let previous, sessions[previous]?.instance != identity.instance {
            sessions[number]?.isClaimant = true
            return number
        }
        sessionBySlot[identity.slot] = number
        if let previous { moveLeases(from: previous, to: number) }
        note(.workerJoined, slot: identity.slot, "instance \(identity.instance)")
        return number
    }

    /// A worker spoke in its new session: it lives, and the slot is its own.
    private mutating func prove(_ number: Int, at now: Instant) {
        guard let session = sessions[number] else { return }
        sessions[number]?.isProven = true
        if session.isClaimant { supersede(by: session, at: now) }
        guard sessions[number] != nil else { return }
        strikeOutLosses(of: session.instance, slot: session.slot)
    }

    /// The instance that had the slot is lost now, however much alive it may be.
    private mutating func supersede(by session: SessionState, at now: Instant) {
        if let old = sessionBySlot[session.slot], let holder = sessions[old] {
            // A late word of a process that died as a claimant proves nothing either: whoever has
            // the slot by now said hello after it, since that process was welcomed alive.
            let replaced = holder.number < session.number ? holder : session
            superseded.insert(replaced.instance)
            let refusal = Rejected(
                code: .superseded, sentence: "a newer worker runs in slot \(session.slot)")
            effects.append(.send(.rejected(refusal), to: replaced.peer))
            endSession(replaced.number, .lost, at: now)
            guard replaced.number == old else { return }
        }
        sessions[session.number]?.isClaimant = false
        sessionBySlot[session.slot] = session.number
        loseUnclaimed(unclaimed.filter { leases[$0]?.record.slot == session.slot }, at: now)
        note(.workerJoined, slot: session.slot, "instance \(session.instance)")
    }

    /// The same instance came back over another connection: its leases are the new session's.
    private mutating func moveLeases(from old: Int, to new: Int) {
        guard let session = sessions[old] else { return }
        for lease in session.leases { leases[lease]?.holder = new }
        sessions[new]?.leases = session.leases
        sessions[new]?.heldRows = session.heldRows
        sessions[new]?.heldAudioMilliseconds = session.heldAudioMilliseconds
        sessions[new]?.inEngine = session.inEngine
        forget(old)
    }

    /// Settles who holds what after a `hello`.
    ///
    /// - Returns: the leases that the worker keeps.
    private mutating func claimLeases(
        _ hello: Hello, for number: Int, at now: Instant
    ) -> [Int] {
        let instance = hello.identity.instance
        for lease in unclaimed where leases[lease]?.record.slot == hello.identity.slot {
            unclaimed.removeAll { $0 == lease }
            if leases[lease]?.record.instance == instance {
                leases[lease]?.holder = number
                sessions[number]?.leases.append(lease)
                let open = leases[lease]?.open ?? []
                sessions[number]?.heldRows += open.count
                sessions[number]?.heldAudioMilliseconds += open.reduce(0) {
                    $0 + ledger.plan.audioMilliseconds(of: $1)
                }
            } else {
                loseUnclaimed([lease], at: now)
            }
        }
        var kept: [Int] = []
        for lease in sessions[number]?.leases ?? [] {
            guard let held = hello.held.first(where: { $0.lease == lease }) else {
                endLease(lease, .released)
                continue
            }
            let listed = Set(held.ordinals)
            for ordinal in leases[lease]?.open ?? [] where !listed.contains(ordinal) {
                giveBack(ordinal)
            }
            if leases[lease] != nil { kept.append(lease) }
        }
        sessions[number]?.inEngine = []
        rowsStarted(hello.inEngine, in: number)
        return kept
    }

    private func welcome(session: Int, kept: [Int]) -> Welcome {
        Welcome(
            session: session, incarnation: incarnation,
            jobID: configuration.identity.jobID(arithmetic: facts?.arithmetic),
            arithmetic: facts?.arithmetic ?? configuration.identity.arithmetic,
            options: configuration.identity.options,
            manifestFolder: configuration.manifestFolder,
            heartbeatMilliseconds: limits.heartbeat.wholeMilliseconds,
            sessionTimeoutMilliseconds: limits.sessionTimeout.wholeMilliseconds,
            windowBytes: windowBytes, leaseMilliseconds: limits.leaseWork.wholeMilliseconds,
            leaseRowsMax: limits.leaseRowsMax, kept: kept)
    }

    /// Bytes of results that each session may have on their way.
    var windowBytes: Int {
        let share = limits.windowBytesTotal / max(1, sessions.count)
        return min(max(share, limits.windowBytesMin), limits.windowBytesMax)
    }

    // MARK: Life

    private mutating func take(_ heartbeat: Heartbeat, at now: Instant) {
        let number = heartbeat.session
        guard var session = sessions[number], heartbeat.number > session.heartbeat else { return }
        session.heartbeat = heartbeat.number
        session.credit = heartbeat.credit
        session.inEngine = []
        sessions[number] = session
        rowsStarted(heartbeat.inEngine, in: number)
        let listed = Set(heartbeat.leases)
        for lease in session.leases {
            if listed.contains(lease) {
                leases[lease]?.unlisted = 0
            } else {
                leases[lease]?.unlisted += 1
                // The first one may have been on its way when the lease was sent.
                if leases[lease]?.unlisted ?? 0 >= 2 { endLease(lease, .released) }
            }
        }
        effects.append(
            .send(
                .beat(
                    Beat(
                        session: number, number: heartbeat.number, incarnation: incarnation,
                        leases: sessions[number]?.leases ?? [], windowBytes: windowBytes,
                        recordedNumber: session.durableNumber)),
                to: session.peer))
        if isStalled(heartbeat, in: number) {
            stalledInstances.insert(session.instance)
            endSession(number, .stalled, at: now)
        }
    }

    /// No progress for longer than the batch in the engine should take, by far.
    private func isStalled(_ heartbeat: Heartbeat, in number: Int) -> Bool {
        guard let session = sessions[number], session.heldRows > 0, !heartbeat.isWaitingForWindow
        else { return false }
        let audio = session.inEngine.reduce(0) { $0 + ledger.plan.audioMilliseconds(of: $1) }
        let predicted = session.credit.speed > 0 ? audio * 1_000 / session.credit.speed : 0
        let allowed = max(
            limits.stallFloor.wholeMilliseconds, predicted * limits.stallFactor)
        return heartbeat.progressAgeMilliseconds > allowed
    }

    mutating func endSilentSessions(at now: Instant) {
        for number in sessionOrder {
            guard let session = sessions[number], now - session.lastHeard > limits.sessionTimeout
            else { continue }
            endSession(number, .lost, at: now)
        }
    }

    mutating func workerExited(
        slot: String, instance: String?, cleanly: Bool, at now: Instant
    ) {
        if let number = sessionBySlot[slot], let session = sessions[number],
            instance == nil || session.instance == instance
        {
            endSession(number, cleanly ? .released : .lost, at: now)
        }
        // Of a former life of the coordinator, and dead now for certain.
        let orphans = unclaimed.filter {
            guard let record = leases[$0]?.record, record.slot == slot else { return false }
            return instance == nil || record.instance == instance
        }
        guard !orphans.isEmpty else { return }
        unclaimed.removeAll { orphans.contains($0) }
        if cleanly {
            for lease in orphans { endLease(lease, .released) }
        } else {
            loseUnclaimed(orphans, at: now)
        }
    }

    /// Ends a session: its leases end with `end`, and if that is a loss its rows are suspects.
    mutating func endSession(_ number: Int, _ end: LeaseEnd, at now: Instant) {
        guard let session = sessions[number] else { return }
        forget(number)
        guard !session.isClaimant else { return }
        switch end {
        case .lost, .stalled:
            workersLost += 1
            note(.workerLost, slot: session.slot, "instance \(session.instance): \(end.rawValue)")
            blame(session, at: now)
        default:
            note(.workerLeft, slot: session.slot, "instance \(session.instance)")
        }
        for lease in session.leases { endLease(lease, end) }
    }

    private mutating func forget(_ number: Int) {
        guard let session = sessions.removeValue(forKey: number) else { return }
        sessionOrder.removeAll { $0 == number }
        if sessionBySlot[session.slot] == number { sessionBySlot[session.slot] = nil }
        if sessionByPeer[session.peer] == number { sessionByPeer[session.peer] = nil }
    }

    // MARK: Refusals

    mutating func refuse(_ error: ProtocolError, from peer: PeerID, at now: Instant) {
        if error.code == .version {
            let refusal = Rejected(code: .version, sentence: error.message)
            effects.append(.send(.rejected(refusal), to: peer))
            return
        }
        effects.append(.send(.refused(.malformed), to: peer))
        if let number = sessionByPeer[peer] { countRefusal(in: number, at: now) }
    }

    /// A key that was taken back ends its session; what it held goes back without blame.
    mutating func forbid(_ peer: PeerID, at now: Instant) {
        let refusal = Rejected(
            code: .forbidden,
            sentence: "the coordinator does not let this machine's key work (any more): "
                + "scriptorium keys allow there lets it in")
        if let number = sessionByPeer[peer], let session = sessions[number] {
            note(.workerRejected, slot: session.slot, refusal.sentence)
            endSession(number, .released, at: now)
        }
        effects.append(.send(.rejected(refusal), to: peer))
    }

    /// Several malformed or impossible messages end a session: its worker is broken, no row is.
    mutating func countRefusal(in number: Int, at now: Instant) {
        sessions[number]?.refusals += 1
        guard let session = sessions[number], session.refusals >= limits.refusalsMax else { return }
        let refusal = Rejected(
            code: .protocol, sentence: "\(session.refusals) messages of this worker were not usable"
        )
        note(.workerRejected, slot: session.slot, refusal.sentence)
        endSession(number, .released, at: now)
        effects.append(.send(.rejected(refusal), to: session.peer))
    }
}
