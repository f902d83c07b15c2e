internal import ClusterProtocol
internal import Digests
internal import JobState
internal import SpeechTypes

/// What the coordinator says, and keeping in touch with it.
extension WorkerSession {
    mutating func receive(_ message: CoordinatorMessage, at now: Instant) {
        switch message {
        case .welcome(let welcome):
            begin(welcome, at: now)
        case .rejected(let rejected):
            obey(rejected, at: now)
        case .lease(let lease):
            guard hears(lease.session, at: now) else { return }
            accept(lease, at: now)
        case .revoke(let rows):
            guard hears(rows.session, at: now) else { return }
            withdraw(rows, .revoked)
        case .dismiss(let rows):
            guard hears(rows.session, at: now) else { return }
            withdraw(rows, .dismissed)
        case .recorded(let recorded):
            guard hears(recorded.session, at: now) else { return }
            acknowledge(through: recorded.number)
        case .beat(let beat):
            guard beat.epoch >= highestEpoch, hears(beat.session, at: now) else {
                return
            }
            hellos = 0
            windowBytes = beat.windowBytes
            acknowledge(through: beat.recordedNumber)
            drop(leasesMissingFrom: beat)
        case .drain(let drained):
            guard hears(drained, at: now) else { return }
            beginDrain(at: now)
        case .unknownSession:
            guard session != nil else { return }
            lastHeard = now
            session = nil
            // At once, but not in a circle: a refusal that follows is answered ever later.
            if now >= nextHello { sayHello(at: now) }
        case .refused:
            lastHeard = now
        }
    }

    /// Whether a message belongs to the present session; it shows then that the coordinator runs.
    private mutating func hears(_ number: Int, at now: Instant) -> Bool {
        guard number == session else { return false }
        lastHeard = now
        return true
    }

    private mutating func begin(_ welcome: Welcome, at now: Instant) {
        guard welcome.epoch >= highestEpoch, isConnected,
            welcome.session >= session ?? 0
        else { return }
        if let recipe = welcome.recipeDigest, recipe != self.recipe(of: welcome) {
            exit(
                .refused(
                    Rejected(
                        code: .model,
                        sentence:
                            "the job has an option that this worker does not know: upgrade the "
                            + "worker to the release of its coordinator")))
            return
        }
        let isFirst = terms == nil
        if let terms, terms.jobID != welcome.jobID {
            exit(.otherJob)
            return
        }
        highestEpoch = welcome.epoch
        session = welcome.session
        terms = welcome
        windowBytes = welcome.windowBytes
        lastHeard = now
        rejectedUntil = nil
        heartbeats = 0
        lastCredit = .none
        // Heartbeats and hello list what is in the engine.
        startedUntold = []
        for lease in leases.keys { leases[lease]?.listedSince = nil }
        outbox.forgetSending()
        if isFirst { effects.append(.begin(welcome)) }
        flushOutbox(at: now)
        let kept = Set(welcome.kept)
        drop(leases.keys.filter { !kept.contains($0) }.sorted())
        beat(at: now)
    }

    private mutating func obey(_ rejected: Rejected, at now: Instant) {
        lastHeard = now
        switch rejected.code {
        case .jobFinished, .cancelled:
            exit(.jobFinished(rejected.sentence))
        case .superseded:
            // Said by the living: the rows that were in this engine have killed nobody.
            if let session { send(.goodbye(Goodbye(session: session, reason: .drained))) }
            exit(.done(rejected.sentence))
        case .drained:
            exit(.done(rejected.sentence))
        case .engine where rejected.engineNumber == nil:
            // Coordinators say their engine since this release: this one is of an earlier one.
            var rejected = rejected
            rejected.sentence += "; \(Rejected.coordinatorFirst)"
            exit(.refused(rejected))
        case .arithmetic where identity.arithmeticClasses.contains(rejected.arithmetic):
            exit(.otherArithmetic(rejected.arithmetic))
        default:
            guard let retry = rejected.retryMilliseconds else {
                exit(.refused(rejected))
                return
            }
            session = nil
            rejectedUntil = now + .milliseconds(min(retry, 3_600_000))
        }
    }

    /// The digest of the recipe that this worker understands from a welcome.
    private func recipe(of welcome: Welcome) -> ContentDigest {
        TranscriptRecipe.digest(
            artefacts: identity.artefactsDigest, optionFields: welcome.options.fields)
    }

    // MARK: Keeping in touch

    /// What time brings: repeats, beats, doubts, the end of patience.
    mutating func advance(at now: Instant) {
        lastAdvance = now
        if now - lastHeard > limits.giveUpAfter {
            exit(.gaveUp("no coordinator was heard for \(limits.giveUpAfter)"))
            return
        }
        watchEngine(at: now)
        guard !isOver else { return }
        if hasAlternatives { leaveIfNotNeeded(at: now) }
        guard !isOver else { return }
        if now - max(lastHeard, lastReconnect) > sessionTimeout {
            session = nil
            isConnected = false
            lastReconnect = now
            hellos = 0
            effects.append(.reconnect)
        }
        tellStartedIfDue(at: now)
        outbox.packIfDue(at: now)
        if let sentAt = outbox.oldestSentAt, now - sentAt > heartbeat + heartbeat {
            outbox.forgetSending()
        }
        if session != nil {
            if now >= lastHeartbeat + heartbeat { beat(at: now) }
            offerCredit()
        } else if isConnected, now >= nextHello, now >= rejectedUntil ?? now {
            sayHello(at: now)
        }
        flushOutbox(at: now)
        holdEngineIfFull(at: now)
        endDrainIfDone(at: now)
    }

    /// Ends a session that gives nothing to do, or a wait for one: others need the worker.
    ///
    /// Whoever holds rows stays.
    private mutating func leaveIfNotNeeded(at now: Instant) {
        guard rows.isEmpty, outbox.isEmpty, !isDraining else {
            idleSince = nil
            return
        }
        guard let session else {
            idleSince = nil
            if now - lastHeard > limits.leaveSilentAfter {
                exit(.changesCoordinator("no coordinator answered for \(limits.leaveSilentAfter)"))
            }
            return
        }
        let since = idleSince ?? now
        idleSince = since
        guard now - since > limits.leaveIdleAfter else { return }
        send(.goodbye(Goodbye(session: session, reason: .drained)))
        exit(.changesCoordinator("the coordinator had nothing to do for \(limits.leaveIdleAfter)"))
    }

    mutating func sayHello(at now: Instant) {
        let held = leases.keys.sorted().prefix(limits.heldLeasesMax).compactMap { number in
            leases[number].map { HeldLease(lease: number, ordinals: $0.ordinals.sorted()) }
        }
        send(
            .hello(
                Hello(
                    identity: identity, firstNumber: outbox.firstNumber, held: held,
                    inEngine: inEngine)))
        let delay = min(
            limits.helloRetryMin.wholeNanoseconds << min(hellos, 16),
            limits.helloRetryMax.wholeNanoseconds)
        // Up to a quarter more, so that a fleet does not say hello all at once.
        let spread = Int64(truncatingIfNeeded: jitter(identity.instance, hellos) % 1_024)
        nextHello = now + .nanoseconds(delay + delay / 4 * spread / 1_024)
        hellos += 1
    }

    private mutating func beat(at now: Instant) {
        guard let session else { return }
        lastHeartbeat = now
        heartbeats += 1
        let listed = Array(leases.keys.sorted().prefix(limits.heldLeasesMax))
        for lease in listed where leases[lease]?.listedSince == nil {
            leases[lease]?.listedSince = heartbeats
        }
        lastCredit = credit
        send(
            .heartbeat(
                Heartbeat(
                    session: session, number: heartbeats, leases: listed, inEngine: inEngine,
                    progressAgeMilliseconds: max(0, progressAge(at: now).wholeMilliseconds),
                    isWaitingForWindow: isHeld, credit: credit, measured: measuredRows,
                    computedMilliseconds: openComputedMilliseconds)))
    }

    /// Audio that is computed of rows that have not ended.
    private var openComputedMilliseconds: Int {
        let longest = limits.recordingMillisecondsMax * limits.lanesMax
        return min(max(0, computedMilliseconds - endedMilliseconds), longest)
    }

    /// What the engine found of the rows that it has.
    private var measuredRows: [MeasuredRow] {
        inEngine.compactMap { ordinal in
            rows[ordinal]?.measured.map { MeasuredRow(ordinal: ordinal, length: $0) }
        }
    }

    /// What the worker wants to hold: two leases, one in the engine and one in hand.
    var credit: Credit {
        guard let terms, !isDraining else { return .none }
        return Credit(
            audioMilliseconds: 2 * speed * terms.leaseMilliseconds / 1_000,
            rows: 2 * terms.leaseRowsMax, speed: speed)
    }

    /// Says at once when the worker wants notably more or less than it said last.
    private mutating func offerCredit() {
        guard let session else { return }
        let wanted = credit
        let difference = abs(wanted.audioMilliseconds - lastCredit.audioMilliseconds)
        guard difference * 4 > lastCredit.audioMilliseconds || wanted.rows != lastCredit.rows else {
            return
        }
        lastCredit = wanted
        send(.requestWork(RequestWork(session: session, credit: wanted)))
    }

    // MARK: Sending what is kept

    mutating func flushOutbox(at now: Instant) {
        guard let session else { return }
        for item in outbox.nextToSend(windowBytes: windowBytes, at: now) {
            switch item.content {
            case .results(let rows):
                send(.results(Results(session: session, number: item.number, rows: rows)))
            case .failure(let lease, let row, let digest, let failureClass, let code, let detail):
                send(
                    .failure(
                        Failure(
                            session: session, number: item.number, lease: lease, ordinal: row,
                            rowDigest: digest, failureClass: failureClass, code: code,
                            detail: detail)))
            case .release(let lease, let ordinals, let reason):
                send(
                    .release(
                        Release(
                            session: session, number: item.number, lease: lease, ordinals: ordinals,
                            reason: reason)))
            }
        }
    }

    private mutating func acknowledge(through number: Int) {
        for ordinal in outbox.acknowledge(through: number) { forget(ordinal) }
    }
}
