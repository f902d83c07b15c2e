package import ClusterProtocol
package import JobState

/// Whether a job runs, is paused, drains or is over.
package struct JobPhase: Sendable {
    package private(set) var phase = JobStatus.Phase.running
    /// Why nothing is granted, in the order of `PauseReason`; empty as a rule.
    package private(set) var pauses: [PauseReason]
    /// The drain is a cancellation.
    package private(set) var isCancelled = false
    /// When a drain ends, whoever is still there.
    private var drainEnds: Instant?

    package init(pauses: [PauseReason]) {
        self.pauses = pauses
    }

    package var isRunning: Bool { phase == .running }
    package var isDraining: Bool { phase == .draining }
    /// Rows may still get outcomes.
    package var isOpen: Bool { isRunning || isDraining }
    package var isFinished: Bool { phase == .finished }
    package var isStopped: Bool { phase == .stopped }

    /// Rows may be granted: behind `source_down` alone those that try a source are.
    package var mayGrant: Bool { isRunning && pauses.allSatisfy { $0 == .sourceDown } }

    /// What people see.
    package var shown: JobStatus.Phase { isRunning && !pauses.isEmpty ? .paused : phase }

    // MARK: Pauses

    /// - Returns: whether the job was not paused for this reason before.
    package mutating func pause(_ reason: PauseReason) -> Bool {
        guard isRunning, !pauses.contains(reason) else { return false }
        pauses = PauseReason.allCases.filter { pauses.contains($0) || $0 == reason }
        return true
    }

    /// - Returns: whether the job was paused for this reason.
    package mutating func endPause(_ reason: PauseReason) -> Bool {
        guard isRunning, pauses.contains(reason) else { return false }
        pauses.removeAll { $0 == reason }
        return true
    }

    // MARK: The end

    /// - Returns: whether the drain begins now.
    package mutating func beginDrain(until end: Instant) -> Bool {
        guard isRunning else { return false }
        phase = .draining
        drainEnds = end
        return true
    }

    package mutating func cancel(at now: Instant) {
        phase = .draining
        isCancelled = true
        drainEnds = now
    }

    /// The drain has had its time.
    package func isDrainOver(at now: Instant) -> Bool { drainEnds.map { now >= $0 } ?? false }

    package mutating func finish() { phase = .finished }

    package mutating func stop() { phase = .stopped }
}
