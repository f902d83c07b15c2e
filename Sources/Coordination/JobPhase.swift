internal import ClusterProtocol
internal import JobState

/// Whether a job runs, is paused, drains or is over.
struct JobPhase: Sendable {
    private(set) var phase = JobStatus.Phase.running
    /// Why nothing is granted, in the order of `PauseReason`; empty as a rule.
    private(set) var pauses: [PauseReason]
    /// The drain is a cancellation.
    private(set) var isCancelled = false
    /// When a drain ends, whoever is still there.
    private var drainEnds: Instant?

    init(pauses: [PauseReason]) {
        self.pauses = pauses
    }

    var isRunning: Bool { phase == .running }
    var isDraining: Bool { phase == .draining }
    /// Rows may still get outcomes.
    var isOpen: Bool { isRunning || isDraining }
    var isFinished: Bool { phase == .finished }
    var isStopped: Bool { phase == .stopped }

    /// Rows may be granted: behind `source_down` alone those that try a source are.
    var mayGrant: Bool { isRunning && pauses.allSatisfy { $0 == .sourceDown } }

    /// What people see.
    var shown: JobStatus.Phase { isRunning && !pauses.isEmpty ? .paused : phase }

    // MARK: Pauses

    /// - Returns: whether the job was not paused for this reason before.
    mutating func pause(_ reason: PauseReason) -> Bool {
        guard isRunning, !pauses.contains(reason) else { return false }
        pauses = PauseReason.allCases.filter { pauses.contains($0) || $0 == reason }
        return true
    }

    /// - Returns: whether the job was paused for this reason.
    mutating func endPause(_ reason: PauseReason) -> Bool {
        guard isRunning, pauses.contains(reason) else { return false }
        pauses.removeAll { $0 == reason }
        return true
    }

    // MARK: The end

    /// - Returns: whether the drain begins now.
    mutating func beginDrain(until end: Instant) -> Bool {
        guard isRunning else { return false }
        phase = .draining
        drainEnds = end
        return true
    }

    mutating func cancel(at now: Instant) {
        phase = .draining
        isCancelled = true
        drainEnds = now
    }

    /// The drain has had its time.
    func isDrainOver(at now: Instant) -> Bool { drainEnds.map { now >= $0 } ?? false }

    mutating func finish() { phase = .finished }

    mutating func stop() { phase = .stopped }
}
