package import ClusterProtocol
internal import Coordination
internal import Digests
internal import HeapModule
package import JobState
internal import SpeechTypes

/// A whole cluster in one value: the real coordinator and the real worker sessions over virtual
/// time, network, journal and engines.
///
/// One seed fixes everything that happens.
package struct SimulatedCluster {
    /// What a world is made of.
    package struct World: Sendable {
        /// Rows have features beside their records.
        package var hasFeatures = false
        /// Long rows are cut into spans for several workers.
        package var sharesRows = false
        /// Slots whose workers know nothing of that.
        package var olderSlots: Set<Int> = []
        package var seed: UInt64 = 0
        package var input = SimulatedInput(behaviors: [], audioMilliseconds: [])
        /// Host of each slot.
        package var hosts: [Int] = [0]
        /// Audio milliseconds a second of each slot.
        package var speeds: [Int] = [30_000]
        /// What each slot says that its speed is; the truth if empty.
        package var claimedSpeeds: [Int] = []
        /// Memory of each slot; a GiB if empty.
        package var memoryBytes: [Int] = []
        package var batchRowsMax = 4
        package var faults = FaultPlan()
        package var limits = ClusterLimits()
        /// A parent sees local workers end at once.
        package var hasParent = false
        /// A row that kills its process does so in a way that could be anybody's.
        package var poisonIsKilled = false
        /// The coordinator's state is checked against itself and the journal whenever they can be; otherwise
        /// against the journal, after one commit in a thousand.
        package var checksEveryTurn = true
        /// Every message goes through its bytes.
        package var encodesMessages = false
        /// The most that the coordinator reads in one turn, whatever waits.
        package var eventsPerTurnMax = Int.max
        /// Nanoseconds that every clock is ahead: what they show means nothing, so nothing changes with it.
        package var clockShift: Int64 = 0
        package var mutant: Mutant?

        package init() {}
    }

    /// Something that will happen.
    struct Scheduled: Comparable {
        let at: Instant
        /// In the order of scheduling, so that equal times have an order.
        let sequence: Int
        let action: Action

        static func < (left: Scheduled, right: Scheduled) -> Bool {
            (left.at, left.sequence) < (right.at, right.sequence)
        }
        static func == (left: Scheduled, right: Scheduled) -> Bool {
            left.sequence == right.sequence
        }
    }

    enum Action {
        case toCoordinator(WorkerMessage, connection: Int)
        case toWorker(CoordinatorMessage, connection: Int)
        case coordinatorTurn(epoch: Int)
        case commitDone(epoch: Int, CommitBatch, fails: Bool)
        case lateCommit(epoch: Int, CommitBatch)
        case startCoordinator
        case connect(worker: Int)
        case disconnected(worker: Int, connection: Int)
        case tick(worker: Int)
        case batchEnds(worker: Int, batch: Int)
        case crashWorker(Int)
        case poisoned(worker: Int, batch: Int)
        case startWorker(slot: Int)
        case parentSees(slot: Int, instance: String, ProcessEnd)
        case thaw(worker: Int)
        case heal(cut: Int)
        case fault(FaultPlan.Fault)
        case mend
        /// An operator looks after the job once the faults are over.
        case lookAfter
        case command(OperatorCommand)
        case space(isShort: Bool)
        case revive(slot: Int)
    }

    package let world: World
    let slots: [SimulatedSlot]
    var random: SeededGenerator
    package internal(set) var now = Instant(nanoseconds: 0)
    var agenda = Heap<Scheduled>()
    var scheduled = 0
    package internal(set) var steps = 0

    // MARK: The coordinator's side

    var coordinator: Coordinator?
    package internal(set) var epoch = 0
    var coordinatorClock = ProcessClock(DriftingClock(offset: 0, rate: 1_000))
    /// Its process stands still until then.
    var coordinatorPausedUntil = Instant(nanoseconds: 0)
    var events: [CoordinatorEvent] = []
    /// When the next turn is scheduled.
    var turnAt = Instant(nanoseconds: .max)
    var journal: SimulatedJournal
    var commitFails = false
    var diskStallsUntil = Instant(nanoseconds: 0)
    var diskIsShort = false
    static let operatorPeer = PeerID([255])
    package internal(set) var isFinished = false

    // MARK: The workers' side

    var workers: [SimulatedWorker] = []
    /// Worker of each connection.
    var connections: [Int] = []
    /// The last delivery of each connection and direction, for the order of messages.
    var lastDelivery: [Int: Instant] = [:]
    var cuts: [(slots: Set<Int>, toCoordinator: Bool, fromCoordinator: Bool)?] = []
    /// When everything was mended; nil before.
    var mendedAt: Instant?
    var isMended: Bool { mendedAt != nil }
    /// The operator's last word reached a coordinator.
    var hasResumed = false
    /// Results that were sent, for the mutant that never sends again.
    var resent: Set<String> = []
    /// What a confused worker made of each of its messages.
    var mistakes: [String: (row: Int?, ordinal: Int)] = [:]

    var checker: ClusterChecker
    let log: Trace

    package init(_ world: World, keepsTrace: Bool = false) {
        self.world = world
        log = Trace(isKept: keepsTrace)
        slots = world.hosts.indices.map {
            SimulatedSlot(
                index: $0, host: world.hosts[$0], speed: world.speeds[$0],
                batchRowsMax: world.batchRowsMax,
                claimedSpeed: world.claimedSpeeds.isEmpty
                    ? world.speeds[$0] : world.claimedSpeeds[$0],
                memoryBytes: world.memoryBytes.isEmpty ? 1 << 30 : world.memoryBytes[$0])
        }
        random = SeededGenerator(seed: world.seed ^ 0xfeed)
        journal = SimulatedJournal(rowCount: world.input.rowCount)
        // Deaths by other rows disturb the fleet as faults do.
        let poisonRows = world.input.behaviors.count(where: \.isPoison)
        checker = ClusterChecker(
            input: world.input, isQuiet: world.faults.isQuiet && poisonRows == 1,
            hasFeatures: world.hasFeatures, limits: world.sharesRows ? world.limits : nil)
        schedule(.startCoordinator, after: .zero)
        for slot in slots.indices {
            schedule(.startWorker(slot: slot), within: 0...500)
        }
        for (time, fault) in world.faults.faults {
            schedule(.fault(fault), after: .milliseconds(time))
        }
        schedule(.mend, after: .milliseconds(world.faults.endMilliseconds))
    }

    // MARK: Running

    /// Runs until the job is finished, a rule is broken, or `deadline` is over.
    package mutating func run(until deadline: Duration) {
        while !isFinished, checker.violations.isEmpty, step() {
            if steps > 200_000 + 200 * world.input.rowCount {
                checker.fail("the world goes round in a circle")
            }
            if now - Instant(nanoseconds: 0) > deadline {
                log.note(now, "the deadline of \(deadline) is over")
                return
            }
        }
    }

    /// Lets the next thing happen; false if nothing ever will.
    private mutating func step() -> Bool {
        guard let next = agenda.popMin() else { return false }
        now = max(now, next.at)
        steps += 1
        perform(next.action)
        return true
    }

    mutating func schedule(_ action: Action, after delay: Duration) {
        schedule(action, at: now + delay)
    }

    /// Some time within a range of milliseconds from now.
    mutating func schedule(_ action: Action, within milliseconds: ClosedRange<Int>) {
        let delay = random.milliseconds(milliseconds)
        schedule(action, after: delay)
    }

    mutating func schedule(_ action: Action, at time: Instant) {
        scheduled += 1
        agenda.insert(Scheduled(at: max(time, now), sequence: scheduled, action: action))
    }

    mutating func perform(_ action: Action) {
        switch action {
        case .toCoordinator(let message, let connection):
            deliver(message, over: connection)
        case .toWorker(let message, let connection):
            deliver(message, toWorkerOver: connection)
        case .coordinatorTurn(let epoch):
            if epoch == self.epoch { coordinatorTurn() }
        case .commitDone(let epoch, let batch, let fails):
            if epoch == self.epoch { commitDone(batch, fails: fails) }
        case .lateCommit(let epoch, let batch):
            commitArrivesLate(batch, of: epoch)
        case .startCoordinator:
            startCoordinator()
        case .connect(let worker):
            connect(worker)
        case .disconnected(let worker, let connection):
            disconnect(worker, connection)
        case .tick(let worker):
            tick(worker)
        case .batchEnds(let worker, let batch):
            batchEnds(worker, batch)
        case .crashWorker(let worker):
            crash(worker)
        case .poisoned(let worker, let batch):
            if workers[worker].batchNumber == batch { die(of: worker) }
        case .startWorker(let slot):
            startWorker(slot)
        case .parentSees(let slot, let instance, let end):
            if coordinator != nil {
                enqueue(.workerExited(slot: slots[slot].name, instance: instance, end))
            }
        case .thaw(let worker):
            thaw(worker)
        case .heal(let cut):
            cuts[cut] = nil
        case .fault(let fault):
            inflict(fault)
        case .mend:
            mend()
        case .lookAfter:
            lookAfter()
        case .command(let command):
            if coordinator != nil {
                checker.commandGiven()
                enqueue(.command(command, from: Self.operatorPeer))
            }
        case .space(let isShort):
            diskIsShort = isShort
            if coordinator != nil { enqueue(.space(isShort: isShort)) }
        case .revive(let slot):
            if living(in: slot).isEmpty { startWorker(slot) }
        }
    }

    // MARK: What came of it

    /// What happened, a line each; empty unless asked for.
    package var trace: [String] { log.lines }

    /// Rules that were broken; empty if all held.
    package var violations: [String] { checker.violations }

    /// How a row ended, once that is durable.
    package func outcome(of ordinal: Int) -> RowOutcome? { journal.outcomes[ordinal] }

    /// Notes of the report, in order.
    package var notes: [JobNote] { journal.notes }

    /// Progress as the coordinator shows it; nil while there is none.
    package var status: JobStatus? {
        var clock = coordinatorClock
        return coordinator?.status(at: clock.time(at: now))
    }

    /// The most workers that one poison row took.
    package var workersTakenByOneRow: Int { checker.takenMax }

    /// What the coordinator remembers beside the rows; nil while there is none.
    package var remembered: Int? { coordinator?.remembered }

    /// The output: a line for each row, of its record or of its code.
    package var output: [[UInt8]] {
        (0..<world.input.rowCount).map { ordinal in
            guard let outcome = journal.outcomes[ordinal] else { return [] }
            return outcome.record ?? Array((outcome.code?.rawValue ?? "").utf8)
        }
    }
}
