package import ClusterProtocol
package import JobState

/// What is held against slots and against the fleet as a whole, never against rows.
package struct FleetHealth: Sendable {
    private var slots: [String: SlotHealth] = [:]
    private var engineFailures = EngineFailures()

    package init() {}

    /// Slots with a failure that is remembered.
    package var count: Int { slots.count }

    /// A worker said that it failed itself.
    ///
    /// - Returns: whether that is once too often for its slot.
    package mutating func workerFailed(in slot: String, at now: Instant, limits: ClusterLimits)
        -> Bool
    {
        slots[slot, default: SlotHealth()].fail(at: now, limits: limits)
    }

    /// The slot gets no work for a while.
    package mutating func bench(_ slot: String, at now: Instant, limits: ClusterLimits) {
        slots[slot, default: SlotHealth()].bench(at: now, limits: limits)
    }

    package func isBenched(_ slot: String, at now: Instant) -> Bool {
        !slots.isEmpty && slots[slot].map { now < $0.benchedUntil } ?? false
    }

    /// A row was transcribed.
    package mutating func rowTranscribed(limits: ClusterLimits) {
        engineFailures.rowEnded(window: limits.suspectFleetRows)
    }

    /// An engine failed on a row.
    ///
    /// - Returns: whether so many fail in so many slots that the fault is not with the rows.
    package mutating func engineFailed(in slot: String, limits: ClusterLimits) -> Bool {
        engineFailures.rowFailed(slot: slot, window: limits.suspectFleetRows)
        return engineFailures.isSuspect(
            window: limits.suspectFleetRows, rowsMin: limits.suspectFleetRowsMin,
            slotsMin: limits.sickFleetSlotsMin)
    }
}
