internal import JobState

/// A row in an engine.
struct StartedRow: Sendable {
    var at: Instant
    /// Audio of all rows that were reported with it: what its engine computes together.
    var batchAudioMilliseconds: Int
}

/// A lease that is not over.
struct LeaseState: Sendable {
    var record: LeaseRecord
    /// The session that holds it; nil after a restart until somebody claims it.
    var holder: Int?
    /// Rows without an end, in the order of the grant.
    var open: [Int]
    /// Rows that were reported as started.
    var started: [Int: StartedRow]
    /// Rows that the holder was asked to give back, since when.
    var revoked: [Int: Instant] = [:]
    /// Its row is leased elsewhere too, and was before.
    var isCopy = false
    /// Heartbeats of the holder in a row that did not list it.
    var unlisted = 0

    /// Rows entered the holder's engine together.
    mutating func start(_ ordinals: [Int], _ row: StartedRow) {
        for ordinal in ordinals { started[ordinal] = row }
    }

    /// A row has an end, or waits again.
    ///
    /// - Returns: who holds the lease, and whether that was its last row.
    mutating func removeRow(_ ordinal: Int) -> (holder: Int?, isLast: Bool) {
        // Rows end in the order of the grant, more or less.
        if let index = open.firstIndex(of: ordinal) { open.remove(at: index) }
        return (holder, open.isEmpty)
    }
}

/// The leases that are not over, and the number of the next one.
struct LeaseTable: Sendable {
    private var leases = NumberedTable<LeaseState>()
    /// Greater than that of any lease ever granted.
    private(set) var nextNumber: Int
    /// Leases of a former epoch that no worker has claimed yet, ascending.
    private(set) var unclaimed: [Int] = []

    init(nextNumber: Int) {
        self.nextNumber = nextNumber
    }

    var count: Int { leases.count }
    /// In no order.
    var numbers: some Collection<Int> { leases.numbers }
    /// In no order that means anything.
    var values: some Sequence<LeaseState> { leases.values }

    /// An open lease, to be looked at or changed; ``grant(_:to:isCopy:)`` and ``remove(_:)`` add and remove them.
    subscript(number: Int) -> LeaseState? {
        @inline(__always) get { leases[number] }
        @inline(__always) _modify { yield &leases[number] }
    }

    /// Adds a lease with the next number.
    ///
    /// - Precondition: the record has ``nextNumber``.
    mutating func grant(_ record: LeaseRecord, to session: Int, isCopy: Bool) {
        precondition(record.lease == nextNumber, "lease numbers strictly increase")
        nextNumber += 1
        var lease = LeaseState(
            record: record, holder: session, open: record.ordinals, started: [:])
        lease.isCopy = isCopy
        leases[record.lease] = lease
    }

    /// - Returns: the lease that was open.
    mutating func remove(_ number: Int) -> LeaseState? {
        guard let lease = leases.removeValue(forKey: number) else { return nil }
        unclaimed.removeAll { $0 == number }
        return lease
    }

    // MARK: Leases of a former epoch

    /// No lease gets the number of one that the journal knows.
    mutating func reserve(_ number: Int) { nextNumber = max(nextNumber, number + 1) }

    /// Takes over a lease of a former epoch, those with the highest number first.
    mutating func adopt(_ lease: LeaseState) {
        leases[lease.record.lease] = lease
        unclaimed.insert(lease.record.lease, at: 0)
    }

    /// Unclaimed leases of a slot, and of one instance in it if that is known.
    func unclaimed(inSlot slot: String, of instance: String? = nil) -> [Int] {
        unclaimed.filter {
            guard let record = leases[$0]?.record, record.slot == slot else { return false }
            return instance == nil || record.instance == instance
        }
    }

    /// These leases are claimed, or given up.
    mutating func endWaiting(for numbers: [Int]) {
        unclaimed.removeAll { numbers.contains($0) }
    }
}
