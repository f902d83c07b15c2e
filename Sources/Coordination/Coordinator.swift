package import ClusterProtocol
package import JobState
internal import SpeechTypes

/// The job's coordinator as one value: events and the time go in, effects come out.
///
/// It owns no clock, socket or file and draws no random number. What it decides in a turn is
/// collected in ``pending``: entries to append, and what may be said once they are durable.
package struct Coordinator: Sendable {
    /// What a coordinator is told about its job.
    package struct Configuration: Sendable {
        package var identity: JobIdentity
        /// The folder that relative paths start from, for `welcome`.
        package var manifestFolder: String
        package var limits: ClusterLimits

        package init(
            identity: JobIdentity, manifestFolder: String, limits: ClusterLimits = ClusterLimits()
        ) {
            self.identity = identity
            self.manifestFolder = manifestFolder
            self.limits = limits
        }
    }

    let configuration: Configuration
    let epoch: Int
    let started: Instant
    var phase = JobStatus.Phase.running
    /// Why nothing is granted, in the order of `PauseReason`; empty as a rule.
    var pauses: [PauseReason]
    /// The drain is a cancellation.
    var isCancelled = false

    // MARK: Rows and leases

    var ledger: RowLedger
    var leases = NumberedTable<LeaseState>()
    var nextLease: Int
    /// Leases of the former life that nobody claimed yet, by number; lost at `adoptionEnds`.
    var unclaimed: [Int] = []
    let adoptionEnds: Instant
    /// Rows whose trouble names an instance as lost in company, to strike that out if it returns.
    var rowsByLostInstance: [String: Set<Int>] = [:]
    /// Losses of workers that still matter, oldest first.
    var incidents: [Incident] = []
    /// Rows that were lost alone and rest, since when.
    var resting: [Int: Instant] = [:]
    /// Sources that failed of late, by name.
    var breakers: [String: SourceBreaker] = [:]

    // MARK: Sessions

    var sessions = NumberedTable<SessionState>()
    /// Numbers of `sessions`, ascending.
    var sessionOrder: [Int] = []
    var sessionBySlot: [String: Int] = [:]
    var sessionByPeer: [PeerID: Int] = [:]
    var sessionsOpened = 0
    /// Instances that a newer one of the same slot replaced.
    var superseded: Set<String> = []
    /// The sessions that ended so, whose goodbye would show that nobody died.
    var replaced = ReplacedSessions()
    var stalledInstances: Set<String> = []
    var health: [String: SlotHealth] = [:]
    var engineFailures = EngineFailures()
    var lateness = Lateness()
    /// When idle sessions were given rows of others last.
    var helpedAt: Instant?
    /// Slots that an operator drained: no worker of theirs is welcome.
    var drainedSlots: Set<String> = []
    var facts: FleetFacts?

    // MARK: Numbers

    /// Recorded rows that workers failed on, with their codes: those that can be taken back.
    var givenUp: [Int: FailureCode]

    var counts: OutcomeCounts
    var transcribedAudioMilliseconds: Int
    var workersLost = 0
    var rowsDuplicated = 0
    var rowsRetried = 0
    var speed: FleetSpeed

    // MARK: The turn

    /// What was decided and is not handed to the journal yet.
    var pending = Pending()
    /// What may be said when the open commit is durable.
    var committing: (number: Int, consequences: [Consequence])?
    var commits = 0
    var drainEnds: Instant?
    var effects: [CoordinatorEffect] = []
    /// When `turnEnded` came last.
    var lastTurn: Instant

    /// Begins a life on what the journal gave back.
    ///
    /// - Precondition: `replay.recorded`, `plan` and `configuration.identity` have the same number
    ///   of rows.
    package init(
        configuration: Configuration, plan: any RowPlan, replay: ReplayState, at now: Instant
    ) {
        precondition(
            plan.rowCount == configuration.identity.rowCount, "the plan is that of the job")
        self.configuration = configuration
        epoch = replay.epoch
        started = now
        lastTurn = now
        ledger = RowLedger(plan: plan, recorded: replay.recorded, troubles: replay.troubles)
        nextLease = replay.lastLease + 1
        adoptionEnds = now + configuration.limits.adoptionGrace
        facts = replay.facts
        pauses = replay.pauses
        givenUp = replay.givenUp
        counts = replay.counts
        transcribedAudioMilliseconds = replay.transcribedAudioMilliseconds
        speed = FleetSpeed(window: configuration.limits.speedWindow, at: now)
        adopt(replay)
        deferDuplicates()
    }

    var limits: ClusterLimits { configuration.limits }

    /// Takes one event.
    package mutating func handle(
        _ event: CoordinatorEvent, at now: Instant
    ) -> [CoordinatorEffect] {
        guard phase != .stopped else { return [] }
        switch event {
        case .message(let message, let peer):
            take(message, from: peer, at: now)
        case .statusRequested(let peer):
            effects.append(.sendStatus(status(at: now), to: peer))
        case .malformed(let error, let peer):
            refuse(error, from: peer, at: now)
        case .forbidden(let peer):
            forbid(peer, at: now)
        case .rejectedAtPlanning(let rows):
            for row in rows { reject(row) }
        case .commitFinished(let number):
            finishCommit(number)
        case .commitFailed:
            // Whatever was to be said depended on it, or on what comes after: nothing is said.
            pending = Pending()
            committing = nil
            phase = .stopped
            effects.append(.stopped(.commitFailed))
        case .workerExited(let slot, let instance, let end):
            workerExited(slot: slot, instance: instance, end, at: now)
        case .duplicateDiffers(let claim, let recordedSlot):
            note(
                .determinismViolation, slot: claim.slot, ordinal: claim.ordinal,
                "\(claim.slot) and \(recordedSlot) gave different records of one row")
        case .command(let command, let peer):
            obey(command, from: peer, at: now)
        case .space(let isShort):
            if isShort { pause(.noSpace) } else { endPause(.noSpace, at: now) }
        case .drain:
            beginDrain(at: now)
        case .turnEnded:
            endTurn(at: now)
        }
        defer { effects = [] }
        return effects
    }

    /// When `turnEnded` is due though nothing happened.
    package var nextTurn: Instant {
        guard phase != .stopped else { return Instant(nanoseconds: .max) }
        var next = lastTurn + limits.heartbeat / 10
        if committing == nil, !pending.entries.isEmpty, let since = pending.since {
            next = min(next, since + limits.commitLinger)
        }
        return next
    }
}

/// What was decided in this and earlier turns and is not on its way to the disk yet.
struct Pending: Sendable {
    var entries: [JournalEntry] = []
    /// What may be said once all of `entries`, and those before, are durable.
    var consequences: [Consequence] = []
    var recordBytes = 0
    /// When the first entry came.
    var since: Instant?
    /// Somebody waits for it with nothing else to do.
    var isUrgent = false
}

/// What may be said or done when the entries before it are durable.
enum Consequence: Sendable {
    case send(CoordinatorMessage, PeerID)
    case sendLease(LeaseGrant, PeerID)
    case acknowledge(Recorded, PeerID)
    case answer(OperatorAnswer, PeerID)
    case compare(DuplicateClaim)
}

/// A session that ended without goodbye.
struct Incident: Sendable {
    var at: Instant
    var loss: AttemptHistory.Loss
    /// Rows that gained a loss in company, which may be forgiven.
    var company: [Int]
    /// Rows that were in its engine.
    var rows: Set<Int>
    /// A suspect was alone in its engine, which explains the loss.
    var isOfSuspect: Bool
}
