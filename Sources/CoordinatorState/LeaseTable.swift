package import JobState

/// A row in an engine.
package struct StartedRow: Sendable {
    package var at: Instant
    /// Audio of all rows that were reported with it: what its engine computes together.
    package var batchAudioMilliseconds: Int

    package init(at time: Instant, batchAudioMilliseconds: Int) {
        at = time
        self.batchAudioMilliseconds = batchAudioMilliseconds
    }
}

/// A lease that is not over.
package struct LeaseState: Sendable {
    package var record: LeaseRecord
    /// The session that holds it; nil after a restart until somebody claims it.
    package var holder: Int?
    /// Rows without an end, in the order of the grant.
    package var open: [Int]
    /// Rows that were reported as started.
    package var started: [Int: StartedRow]
    /// Rows that the holder was asked to give back, since when.
    package var revoked: [Int: Instant] = [:]
    /// Its row is leased elsewhere too, and was before.
    package var isCopy = false
    /// Heartbeats of the holder in a row that did not list it.
    package var unlisted = 0

    package init(
        record: LeaseRecord, holder: Int?, open: [Int], started: [Int: StartedRow],
        isCopy: Bool = false
    ) {
        self.record = record
        self.holder = holder
        self.open = open
        self.started = started
        self.isCopy = isCopy
    }

    /// Rows entered the holder's engine together.
    package mutating func start(_ ordinals: [Int], _ row: StartedRow) {
        for ordinal in ordinals { started[ordinal] = row }
    }

    /// A row has an end, or waits again.
    ///
    /// - Returns: who holds the lease, and whether that was its last row.
    package mutating func removeRow(_ ordinal: Int) -> (holder: Int?, isLast: Bool) {
        // Rows end in the order of the grant, more or less.
        if let index = open.firstIndex(of: ordinal) { open.remove(at: index) }
        return (holder, open.isEmpty)
    }
}

/// The leases that are not over, and the number of the next one.
package struct LeaseTable: Sendable {
    private var leases = NumberedTable<LeaseState>()
    /// Greater than that of any lease ever granted.
    package private(set) var nextNumber: Int
    /// Leases of a former epoch that no worker has claimed yet, ascending.
    package private(set) var unclaimed: [Int] = []

    package init(nextNumber: Int) {
        self.nextNumber = nextNumber
    }

    package var count: Int { leases.count }
    /// In no order.
    package var numbers: some Collection<Int> { leases.numbers }
    /// In no order that means anything.
    package var values: some Sequence<LeaseState> { leases.values }

    /// An open lease, to be looked at or changed; ``grant(_:to:isCopy:)`` and ``remove(_:)`` add and remove them.
    package subscript(number: Int) -> LeaseState? {
        @inline(__always) get { leases[number] }
        @inline(__always) _modify { yield &leases[number] }
    }

    /// Adds a lease with the next number.
    ///
    /// - Precondition: the record has ``nextNumber``.
    package mutating func grant(_ record: LeaseRecord, to session: Int, isCopy: Bool) {
        precondition(record.lease == nextNumber, "lease numbers strictly increase")
        nextNumber += 1
        leases[record.lease] = LeaseState(
            record: record, holder: session, open: record.ordinals, started: [:], isCopy: isCopy)
    }

    /// - Returns: the lease that was open.
    package mutating func remove(_ number: Int) -> LeaseState? {
        guard let lease = leases.removeValue(forKey: number) else { return nil }
        unclaimed.removeAll { $0 == number }
        return lease
    }

    // MARK: Leases of a former epoch

    /// No lease gets the number of one that the journal knows.
    package mutating func reserve(_ number: Int) { nextNumber = max(nextNumber, number + 1) }

    /// Takes over a lease of a former epoch, those with the highest number first.
    package mutating func adopt(_ lease: LeaseState) {
        leases[lease.record.lease] = lease
        unclaimed.insert(lease.record.lease, at: 0)
    }

    /// Unclaimed leases of a slot, and of one instance in it if that is known.
    package func unclaimed(inSlot slot: String, of instance: String? = nil) -> [Int] {
        unclaimed.filter {
            guard let record = leases[$0]?.record, record.slot == slot else { return false }
            return instance == nil || record.instance == instance
        }
    }

    /// These leases are claimed, or given up.
    package mutating func endWaiting(for numbers: [Int]) {
        unclaimed.removeAll { numbers.contains($0) }
    }
}
