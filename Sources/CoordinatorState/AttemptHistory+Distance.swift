package import JobState

extension AttemptHistory {
    /// The distance of a slot on another host than all where the row failed.
    package static let distanceMax = 2

    /// How far a slot is from where the row failed: 0 same slot, 1 same host, 2 elsewhere.
    ///
    /// The host matters where it reads audio from: a missing mount looks like missing files.
    ///
    /// - Parameter memoryBytes: memory of the slot's worker, which is as good as the same slot where a worker
    ///   with as much could not hold the row.
    package func distance(to slot: String, memoryBytes: Int) -> Int {
        let readers = inputSlots + sourceSlots
        if readers.contains(slot) || engineSlots.contains(slot) || workerSlots.contains(slot)
            || lossesAlone.contains(where: { $0.slot == slot })
            || lossesInCompany.contains(where: { $0.slot == slot })
            || memorySizes.contains(where: { $0 >= memoryBytes })
        {
            return 0
        }
        return readers.contains { hostOfSlot($0) == hostOfSlot(slot) } ? 1 : Self.distanceMax
    }
}
