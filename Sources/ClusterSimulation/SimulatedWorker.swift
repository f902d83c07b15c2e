internal import ClusterProtocol
internal import JobState
internal import SpeechTypes
internal import WorkerCoordination

/// A place where workers run.
struct SimulatedSlot {
    let index: Int
    let host: Int
    /// Audio milliseconds a second.
    let speed: Int
    let batchRowsMax: Int
    /// What it claims to be able to, which may not be so.
    let claimedSpeed: Int
    let memoryBytes: Int

    var name: String { "host-\(host)/\(index)" }
}

/// A worker's process: the real session, a stand-in engine, a clock of its own.
struct SimulatedWorker {
    let id: Int
    let slot: SimulatedSlot
    let instance: String
    var session: WorkerSession
    var isAlive = true
    /// The connection that it uses; nil while it has none.
    var connection: Int?
    var frozenUntil: Instant?
    /// When the next `tick` is scheduled, to pass over those that are not needed any more.
    var wakesAt = Instant(nanoseconds: .max)
    private(set) var clock: ProcessClock

    // MARK: The engine

    var inbox: [RowTask] = []
    var batch: [RowTask] = []
    /// Counts batches, so that the end of one that a crash cut short is recognised.
    var batchNumber = 0
    var isHeld = false
    var isClosed = false
    var isStuck = false

    init(
        id: Int, slot: SimulatedSlot, instance: String, session: WorkerSession, clock: ProcessClock
    ) {
        self.id = id
        self.slot = slot
        self.instance = instance
        self.session = session
        self.clock = clock
    }

    /// The time as the process counts it.
    mutating func time(at world: Instant) -> Instant { clock.time(at: world) }

    /// The engine computes: its steps are seen whenever somebody looks.
    var isComputing: Bool { !batch.isEmpty && !isStuck }

    /// The rows of the next batch, taken from the inbox; a row that is to be alone is.
    mutating func formBatch() -> Bool {
        guard batch.isEmpty, !isHeld, !isStuck, let first = inbox.first else { return false }
        var count = 1
        if !first.isAlone {
            while count < min(inbox.count, slot.batchRowsMax), !inbox[count].isAlone { count += 1 }
        }
        batch = Array(inbox.prefix(count))
        inbox.removeFirst(count)
        batchNumber += 1
        return true
    }

    /// What the engine says of a row at its end.
    ///
    /// - Parameter isAway: the row's source does not answer now.
    /// - Parameter mark: what a broken engine adds to its records; empty as a rule.
    func end(
        of task: RowTask, _ input: SimulatedInput, isAway: Bool, mark: String, hasFeatures: Bool
    ) -> RowEvent {
        let failure: (FailureClass, FailureCode)? =
            switch input.behaviors[SimulatedInput.row(of: task)] {
            case _ where isAway: (.source, .quarantinedSource)
            case .large(let bytes) where slot.memoryBytes < bytes: (.memory, .quarantinedMemory)
            case .workerFails(slot.index): (.worker, .quarantinedEngine)
            case .missing: (.input, SimulatedInput.missingCode)
            case .missingOnHost(slot.host): (.input, SimulatedInput.missingCode)
            case .failsEngine: (.engine, .quarantinedEngine)
            case .failsEngineOnSlot(slot.index): (.engine, .quarantinedEngine)
            default: nil
            }
        if let failure {
            return .failed(
                FailedRow(
                    ordinal: task.ordinal, failureClass: failure.0, code: failure.1,
                    detail: "simulated"))
        }
        let record =
            switch task.part {
            case nil: SimulatedInput.record(of: task.raw)
            case .span(let span): SimulatedInput.part(span, of: task.raw)
            case .join(let pieces): SimulatedInput.record(of: task.raw, joining: pieces)
            }
        let row = SimulatedInput.row(of: task)
        let isSpan = task.part != nil && !task.isJoin
        return .finished(
            FinishedRow(
                ordinal: task.ordinal, record: record + Array(mark.utf8),
                audioDigest: Array(repeating: UInt8(row & 255), count: 16),
                audioSeconds: Double(
                    isSpan ? input.audioMilliseconds(of: task) : input.audioMilliseconds(of: row))
                    / 1_000,
                features: hasFeatures ? SimulatedInput.features(of: task.raw) : []))
    }
}

/// The clock of a process, without the pauses of the process.
struct ProcessClock {
    private let monotonic: DriftingClock
    private var loop: LoopClock

    /// - Parameter countsPauses: a broken clock, to which the process's pauses are time like any other.
    init(_ monotonic: DriftingClock, countsPauses: Bool = false) {
        self.monotonic = monotonic
        let heartbeat = countsPauses ? .seconds(1_000_000) : ClusterLimits().heartbeat
        loop = LoopClock(heartbeat: heartbeat)
    }

    mutating func time(at world: Instant) -> Instant { loop.now(monotonic.local(world)) }

    /// The first instant of the world at which the process's time is at least `time`.
    func world(_ time: Instant) -> Instant { monotonic.world(loop.reading(at: time)) }
}

/// A monotonic clock that began elsewhere and runs a little fast or slow.
struct DriftingClock {
    /// Nanoseconds shown when the world began.
    let offset: Int64
    /// Thousandths of the world's speed.
    let rate: Int64

    func local(_ instant: Instant) -> Instant {
        Instant(nanoseconds: offset + instant.nanoseconds / 1_000 * rate)
    }

    /// The first instant of the world at which the clock shows at least `local`.
    func world(_ local: Instant) -> Instant {
        guard local.nanoseconds < .max / 4 else { return Instant(nanoseconds: .max) }
        return Instant(nanoseconds: ((local.nanoseconds - offset) / rate + 1) * 1_000)
    }
}
