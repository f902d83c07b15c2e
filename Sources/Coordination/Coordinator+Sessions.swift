internal import ClusterProtocol
internal import CoordinatorState
internal import Digests
internal import JobState
internal import SpeechTypes

/// Who is there: hello and goodbye, beats, silence, and newer workers in old places.
extension Coordinator {
    mutating func receive(_ message: WorkerMessage, from peer: PeerID, at now: Instant) {
        if case .hello(let hello) = message {
            greet(hello, from: peer, at: now)
            return
        }
        guard let number = message.session, sessions[number]?.peer == peer else {
            // A session of another connection is as unknown as one that never was.
            if case .goodbye(let goodbye) = message {
                // An engine that threw may have met its row all the same.
                if goodbye.reason == .drained,
                    let instance = sessions.removeReplaced(goodbye.session, of: peer)
                {
                    retractDeath(of: instance, session: goodbye.session)
                }
                return
            }
            let answer: CoordinatorMessage =
                job.isFinished ? .rejected(Self.jobFinished) : .unknownSession
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
            rowsStarted(started.ordinals, in: number, at: now)
        case .results(let results):
            receive(results, at: now)
        case .failure(let failure):
            receive(failure, at: now)
        case .release(let release):
            receive(release)
        case .heartbeat(let heartbeat):
            receive(heartbeat, at: now)
        case .goodbye(let goodbye):
            // An engine that ended with an error may have met its row.
            if goodbye.reason == .engine {
                endSession(number, .lost, .threw, at: now)
            } else {
                endSession(number, .released, at: now)
            }
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
        if factsOfThisEngine == nil { fixFacts(by: identity) }
        let number = openSession(hello, from: peer, at: now)
        let isClaimant = sessions[number]?.isClaimant ?? true
        let kept = isClaimant ? [] : claimLeases(hello, for: number, at: now)
        let isStalled = sessions.isStalled(identity.instance)
        sessions[number]?.isBenched = isStalled
        commits.hurry()
        afterCommit(.send(.welcome(welcome(session: number, kept: kept)), peer))
    }

    /// What the first worker of the job's engine fixed.
    ///
    /// An earlier engine's canary binds nobody: only its arithmetic class holds on.
    var factsOfThisEngine: FleetFacts? {
        facts?.engineNumber == configuration.identity.engineNumber ? facts : nil
    }

    private mutating func fixFacts(by identity: WorkerIdentity) {
        if let before = facts, before.canaryDigest != identity.canaryDigest {
            note(
                .engineChanged, slot: identity.slot,
                "engine \(identity.engineNumber) computes the canary otherwise than engine "
                    + "\(before.engineNumber): the texts of its rows may differ from what that one "
                    + "would have made of them")
        }
        let facts = FleetFacts(
            arithmetic: jobArithmetic(for: identity), canaryDigest: identity.canaryDigest,
            slot: identity.slot, engineNumber: identity.engineNumber)
        self.facts = facts
        append(.fleetFacts(facts))
        commits.hurry()
    }

    /// The class that the job runs in, or would with this worker as its first.
    func jobArithmetic(for identity: WorkerIdentity) -> String {
        if let facts { return facts.arithmetic }
        let asked = configuration.identity.arithmetic
        return asked == JobIdentity.automaticArithmetic ? identity.arithmetic : asked
    }

    /// Opens a session, or goes on with that of a repeated `hello`.
    ///
    /// Where another instance has the slot, the newcomer is a claimant until it speaks again: a
    /// `hello` may arrive long after its sender's death, and must not push out a living worker.
    private mutating func openSession(
        _ hello: Hello, from peer: PeerID, at now: Instant
    ) -> Int {
        let identity = hello.identity
        if let old = sessions.number(of: peer), let session = sessions[old] {
            if session.instance == identity.instance {
                sessions[old]?.lastHeard = now
                return old
            }
            endSession(old, .lost, .silence, at: now)
        }
        let number = sessions.nextNumber(inEpoch: epoch)
        sessions.open(
            SessionState(
                number: number, peer: peer, identity: identity, firstNumber: hello.firstNumber,
                at: now))
        let previous = sessions.number(inSlot: identity.slot)
        if let previous, sessions[previous]?.instance != identity.instance {
            sessions[number]?.isClaimant = true
            return number
        }
        sessions.occupySlot(of: number)
        if let previous { moveLeases(from: previous, to: number) }
        note(.workerJoined, slot: identity.slot, "instance \(identity.instance)")
        return number
    }

    /// A worker spoke in its new session: its process runs, and the slot is its own.
    private mutating func prove(_ number: Int, at now: Instant) {
        guard let session = sessions[number] else { return }
        sessions[number]?.isProven = true
        if session.isClaimant { supersede(by: session, at: now) }
        guard sessions[number] != nil else { return }
        retractLosses(of: session.instance, slot: session.slot)
    }

    /// The instance that had the slot is lost now, however much alive it may be.
    private mutating func supersede(by session: SessionState, at now: Instant) {
        if let old = sessions.number(inSlot: session.slot), let holder = sessions[old] {
            // A late word of a process that died as a claimant proves nothing either: whoever has
            // the slot by now said hello after it, since that process was welcomed alive.
            let replaced = holder.number < session.number ? holder : session
            sessions.noteReplaced(replaced)
            let refusal = Rejected(
                code: .superseded, sentence: "a newer worker runs in slot \(session.slot)")
            effects.append(.send(.rejected(refusal), to: replaced.peer))
            endSession(replaced.number, .lost, .replaced, at: now)
            guard replaced.number == old else { return }
        }
        sessions[session.number]?.isClaimant = false
        sessions.occupySlot(of: session.number)
        loseUnclaimed(leases.unclaimed(inSlot: session.slot), at: now)
        note(.workerJoined, slot: session.slot, "instance \(session.instance)")
    }

    /// The same instance came back over another connection: its leases are the new session's.
    private mutating func moveLeases(from old: Int, to new: Int) {
        for lease in sessions[old]?.leases ?? [] { leases[lease]?.holder = new }
        sessions.moveHoldings(from: old, to: new)
    }

    /// Settles who holds what after a `hello`.
    ///
    /// - Returns: the leases that the worker keeps.
    private mutating func claimLeases(
        _ hello: Hello, for number: Int, at now: Instant
    ) -> [Int] {
        let instance = hello.identity.instance
        for lease in leases.unclaimed(inSlot: hello.identity.slot) {
            leases.endWaiting(for: [lease])
            if leases[lease]?.record.instance == instance {
                leases[lease]?.holder = number
                sessions[number]?.leases.append(lease)
                let open = leases[lease]?.open ?? []
                sessions[number]?.heldRows += open.count
                sessions[number]?.heldAudioMilliseconds += open.reduce(0) {
                    $0 + ledger.workMilliseconds(of: $1)
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
                giveBack(ordinal, from: lease)
            }
            if leases[lease] != nil { kept.append(lease) }
        }
        sessions[number]?.inEngine = []
        sessions[number]?.engineList = hello.inEngine
        rowsStarted(hello.inEngine, in: number, at: now)
        return kept
    }

    private func welcome(session: Int, kept: [Int]) -> Welcome {
        Welcome(
            session: session, epoch: epoch,
            jobID: configuration.identity.jobID(arithmetic: facts?.arithmetic),
            arithmetic: facts?.arithmetic ?? configuration.identity.arithmetic,
            options: configuration.identity.options,
            manifestFolder: configuration.manifestFolder,
            heartbeatMilliseconds: limits.heartbeat.wholeMilliseconds,
            sessionTimeoutMilliseconds: limits.sessionTimeout.wholeMilliseconds,
            windowBytes: windowBytes, leaseMilliseconds: limits.leaseWork.wholeMilliseconds,
            leaseRowsMax: limits.leaseRowsMax, kept: kept,
            recipeDigest: configuration.identity.recipe.digest)
    }

    /// Bytes of results that each session may have on their way.
    var windowBytes: Int {
        let share = limits.windowBytesTotal / max(1, sessions.count)
        return min(max(share, limits.windowBytesMin), limits.windowBytesMax)
    }

    // MARK: Beats and ends

    private mutating func receive(_ heartbeat: Heartbeat, at now: Instant) {
        let number = heartbeat.session
        guard let session = sessions[number], heartbeat.number > session.heartbeat else { return }
        sessions[number]?.heartbeat = heartbeat.number
        sessions[number]?.credit = heartbeat.credit
        sessions[number]?.inEngine = []
        sessions[number]?.engineList = heartbeat.inEngine
        rowsStarted(heartbeat.inEngine, in: number, at: now)
        rowsMeasured(heartbeat.measured, in: number)
        rowsComputed(heartbeat.computedMilliseconds, in: number, at: now)
        if let told = heartbeat.load, let news = sessions[number]?.loads.add(told, at: now) {
            progress.load += news
        }
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
                        session: number, number: heartbeat.number, epoch: epoch,
                        leases: sessions[number]?.leases ?? [], windowBytes: windowBytes,
                        recordedNumber: session.durableNumber)),
                to: session.peer))
        // It may not have heard it the first time.
        if session.isDraining { effects.append(.send(.drain(session: number), to: session.peer)) }
        if isStalled(heartbeat, in: number) {
            sessions.noteStalled(session.instance)
            endSession(number, .stalled, .silence, at: now)
        }
    }

    /// No step for longer than any step takes, however long the rows are.
    private func isStalled(_ heartbeat: Heartbeat, in number: Int) -> Bool {
        guard let session = sessions[number], session.heldRows > 0, !heartbeat.isWaitingForWindow
        else { return false }
        return heartbeat.progressAgeMilliseconds > limits.sessionStall.wholeMilliseconds
    }

    mutating func endSilentSessions(at now: Instant) {
        for number in sessions.order {
            guard let heard = sessions[number]?.lastHeard, now - heard > limits.sessionTimeout
            else { continue }
            endSession(number, .lost, .silence, at: now)
        }
    }

    mutating func workerExited(
        slot: String, instance: String?, _ end: ProcessEnd, at now: Instant
    ) {
        if let number = sessions.number(inSlot: slot), let session = sessions[number],
            instance == nil || session.instance == instance
        {
            switch end {
            case .clean: endSession(number, .released, at: now)
            case .fault: endSession(number, .lost, .fault, at: now)
            case .killed: endSession(number, .lost, .gone, at: now)
            }
        }
        // Of a former epoch, and dead now for certain.
        let orphans = leases.unclaimed(inSlot: slot, of: instance)
        guard !orphans.isEmpty else { return }
        leases.endWaiting(for: orphans)
        if end == .clean {
            for lease in orphans { endLease(lease, .released) }
        } else {
            loseUnclaimed(orphans, at: now)
        }
    }

    /// Ends a session: its leases end with `end`.
    ///
    /// - Parameter evidence: given for a loss, whose rows are suspects.
    mutating func endSession(
        _ number: Int, _ end: LeaseEnd, _ evidence: LossEvidence? = nil, at now: Instant
    ) {
        guard let session = sessions.close(number) else { return }
        guard !session.isClaimant else { return }
        if let evidence {
            progress.workersLost += 1
            note(.workerLost, slot: session.slot, "instance \(session.instance): \(end.rawValue)")
            recordLoss(session, evidence, at: now)
        } else {
            note(.workerLeft, slot: session.slot, "instance \(session.instance)")
        }
        for lease in session.leases { endLease(lease, end) }
    }
}
