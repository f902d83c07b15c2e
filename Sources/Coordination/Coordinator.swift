package import ClusterProtocol
internal import CoordinatorState
package import JobState
package import SpeechTypes

/// The job's coordinator as one value: events and the time go in, effects come out.
///
/// It owns no clock, socket or file and draws no random number. Its parts are values with a state of their own;
/// what belongs to several of them (a row that leaves a lease also leaves a session) is decided here, an extension
/// for each kind of event. What is decided in a turn is collected in ``commits``: entries to append, and what may be
/// said once they are durable.
package struct Coordinator: Sendable {
    /// What a coordinator is told about its job.
    package struct Configuration: Sendable {
        package var identity: JobIdentity
        /// The folder that relative paths start from, for `welcome`.
        package var manifestFolder: String
        package var limits: ClusterLimits
        /// The files of the job's artefacts beside its acoustic model.
        package let artefacts: [ArtefactFile]
        /// Whether long rows are cut into spans for several workers, where the job's options allow it.
        ///
        /// No byte of the output depends on it.
        package var sharesRows: Bool

        /// - Parameter files: of the job's artefacts, as far as they are known here: workers that lack
        ///   one are told of it.
        package init(
            identity: JobIdentity, manifestFolder: String, limits: ClusterLimits = ClusterLimits(),
            files: [ArtefactFile] = [], sharesRows: Bool = false
        ) {
            self.sharesRows = sharesRows && identity.options.canShareRows
            artefacts = identity.recipe.artefacts.further.sorted { $0.key < $1.key }.map {
                name, digest in
                files.first { $0.name == name && $0.digest == digest }
                    ?? ArtefactFile(name: name, digest: digest, fileName: name, byteCount: 0)
            }
            self.identity = identity
            self.manifestFolder = manifestFolder
            self.limits = limits
        }
    }

    let configuration: Configuration
    let epoch: Int
    let started: Instant
    /// Until then leases of a former epoch may be claimed.
    let adoptionEnds: Instant
    var job: JobPhase
    var facts: FleetFacts?
    var ledger: RowLedger
    /// Of rows that several workers share.
    var shared = SharedRows()
    var leases: LeaseTable
    var sessions = SessionTable()
    var losses = LossHistory()
    var sources = SourceHealth()
    var fleet = FleetHealth()
    var progress: JobProgress
    var tail = TailHelp()
    var commits = CommitWindow()
    /// What this event asks for so far.
    var effects: [CoordinatorEffect] = []
    /// When `turnEnded` came last.
    var lastTurn: Instant

    /// Begins an epoch on what the journal gave back.
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
        adoptionEnds = now + configuration.limits.adoptionGrace
        job = JobPhase(pauses: replay.pauses)
        facts = replay.facts
        ledger = RowLedger(
            plan: plan, recorded: replay.recorded, histories: replay.histories,
            spans: configuration.sharesRows
                ? SpanTable(plan: plan, limits: configuration.limits) : nil)
        leases = LeaseTable(nextNumber: replay.lastLease + 1)
        progress = JobProgress(replay, speedWindow: configuration.limits.speedWindow, at: now)
        adopt(replay)
        deferDuplicates()
    }

    var limits: ClusterLimits { configuration.limits }

    /// Takes one event.
    package mutating func handle(
        _ event: CoordinatorEvent, at now: Instant
    ) -> [CoordinatorEffect] {
        guard !job.isStopped else { return [] }
        switch event {
        case .message(let message, let peer):
            receive(message, from: peer, at: now)
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
            commits.fail()
            job.stop()
            effects.append(.stopped(.commitFailed))
        case .workerExited(let slot, let instance, let end):
            workerExited(slot: slot, instance: instance, end, at: now)
        case .duplicateDiffers(let claim, let recordedSlot):
            note(
                .determinismViolation, slot: claim.slot, ordinal: claim.ordinal,
                "\(claim.slot) and \(recordedSlot) gave different records of one row")
        case .command(let command, let peer):
            perform(command, from: peer, at: now)
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
        guard !job.isStopped else { return Instant(nanoseconds: .max) }
        var next = lastTurn + limits.heartbeat / 10
        if let due = commits.due(limits: limits) { next = min(next, due) }
        return next
    }
}
