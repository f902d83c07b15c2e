package import ClusterProtocol
package import JobState

/// What may be said or done when the entries before it are durable.
package enum Consequence: Sendable {
    case send(CoordinatorMessage, PeerID)
    case sendLease(LeaseGrant, PeerID)
    case acknowledge(Recorded, PeerID)
    case answer(OperatorAnswer, PeerID)
    case compare(DuplicateClaim)
}

/// Entries on their way to the journal, and what may be said once they are durable.
///
/// Everything that was decided is collected here until a commit takes it. One commit is open at a time; what was to
/// be said because of its entries comes out when it is durable, in the order in which it was decided, and not at all
/// after a commit that failed.
package struct CommitWindow: Sendable {
    /// What to do next.
    package enum Step: Sendable {
        /// A commit is open, or the entries wait for more.
        case wait
        /// Nothing is on its way to the journal: these depend on durable entries only.
        case say([Consequence])
        /// These entries are to be written.
        case commit(CommitBatch)
    }

    /// Decided and not on their way to the journal yet.
    private var entries: [JournalEntry] = []
    /// What may be said once all of `entries`, and those before, are durable.
    private var consequences: [Consequence] = []
    private var recordBytes = 0
    /// When a turn first ended with `entries`; nil while there are none.
    private var waitingSince: Instant?
    /// Somebody waits for it with nothing else to do.
    private var isUrgent = false
    /// The commit that is being written, and what may be said when it is durable.
    private var open: (number: Int, consequences: [Consequence])?
    /// Commits so far; the number of the last one.
    package private(set) var count = 0

    package init() {}

    /// Nothing is being written, and nothing waits to be written or said.
    package var isSettled: Bool { open == nil && entries.isEmpty && consequences.isEmpty }

    /// Entries and consequences that wait.
    package var waitingCount: Int { entries.count + consequences.count }

    package mutating func append(_ entry: JournalEntry) {
        if case .outcome(let outcome) = entry { recordBytes += outcome.record?.count ?? 0 }
        entries.append(entry)
    }

    /// Keeps something to be said when everything that was decided so far is durable.
    package mutating func afterCommit(_ consequence: Consequence) {
        consequences.append(consequence)
    }

    /// The entries so far, and those of this turn, wait for no others.
    package mutating func hurry() { isUrgent = true }

    /// The end of a turn: starts a commit that is due, if none is open.
    ///
    /// - Parameter isUnderWay: whether more entries may come that are worth waiting for.
    package mutating func endTurn(at now: Instant, isUnderWay: Bool, limits: ClusterLimits) -> Step
    {
        if waitingSince == nil, !entries.isEmpty { waitingSince = now }
        guard open == nil else { return .wait }
        guard !entries.isEmpty else {
            defer { consequences = [] }
            return .say(consequences)
        }
        let isDue =
            isUrgent || !isUnderWay || entries.count >= limits.commitRowsMax
            || recordBytes >= limits.commitBytesMax
            || now >= (waitingSince ?? now) + limits.commitLinger
        guard isDue else { return .wait }
        count += 1
        open = (count, consequences)
        defer { forgetWaiting() }
        return .commit(CommitBatch(number: count, entries: entries))
    }

    /// When the next commit is due, if none is open and one waits.
    package func due(limits: ClusterLimits) -> Instant? {
        guard open == nil, !entries.isEmpty else { return nil }
        return waitingSince.map { $0 + limits.commitLinger }
    }

    /// The open commit is durable.
    ///
    /// - Precondition: `number` is that of the open commit.
    /// - Returns: what may be said now.
    package mutating func finish(_ number: Int) -> [Consequence] {
        guard let finished = open, finished.number == number else {
            preconditionFailure("commit \(number) is not the open one")
        }
        open = nil
        return finished.consequences
    }

    /// The open commit failed: whatever was to be said depended on it, or on what comes after.
    package mutating func fail() {
        forgetWaiting()
        open = nil
    }

    /// Everything that was decided is durable once this commit is.
    package func isSettled(byCommit number: Int) -> Bool {
        entries.isEmpty && open?.number == number
    }

    private mutating func forgetWaiting() {
        entries = []
        consequences = []
        recordBytes = 0
        waitingSince = nil
        isUrgent = false
    }
}
