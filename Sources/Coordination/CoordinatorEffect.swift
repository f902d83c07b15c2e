package import ClusterProtocol
internal import CoordinatorState
package import Digests
package import JobState
package import SpeechTypes

/// What the coordinator asks for, to be done in the order given.
///
/// Appends come first, then their commit, then what may be said because of them: messages that
/// depend on entries are kept inside the coordinator and come out as effects of `commitFinished`,
/// so the runtime cannot send them early, nor at all after `commitFailed`.
package enum CoordinatorEffect: Sendable {
    /// Send without blocking; drop it if the peer cannot take it.
    case send(CoordinatorMessage, to: PeerID)
    /// Send a lease: the runtime adds the raw rows, their digests and planned lengths
    /// (``LeaseGrant/message(rows:)``). Dropped if the peer cannot take it.
    case sendLease(LeaseGrant, to: PeerID)
    /// Answer a `statusRequest`.
    case sendStatus(JobStatus, to: PeerID)
    /// Answer a command; what it changed is durable.
    case answer(OperatorAnswer, to: PeerID)
    /// Write the rows recorded so far beside the output, and tell this peer when that is done.
    case exportSnapshot(answerTo: PeerID)
    /// Write the entries in one durable transaction, then hand back `commitFinished` or
    /// `commitFailed`. At most one commit is open at a time.
    case commit(CommitBatch)
    /// Compare with the record digest in the journal; hand back `duplicateDiffers` if it is
    /// another. Not urgent. (The outcome is durable when this is asked.)
    case compareDuplicate(DuplicateClaim)
    /// Every row has a durable outcome and the workers were told: export, then end.
    ///
    /// Given once. While the export runs events may go on being handed over: late workers are then
    /// told `rejected(job_finished)`; nothing is appended any more.
    case finished
    /// The drain is over, or a commit failed: close, and end with this reason. Nothing follows.
    case stopped(StopReason)
}

/// Entries of one transaction.
package struct CommitBatch: Hashable, Sendable {
    /// From 1, without gaps, in each epoch.
    package var number: Int
    package var entries: [JournalEntry]

    package init(number: Int, entries: [JournalEntry]) {
        self.number = number
        self.entries = entries
    }
}

/// A lease to be sent; durable already.
package struct LeaseGrant: Hashable, Sendable {
    package var session: Int
    package var lease: Int
    package var isAlone: Bool
    package var ordinals: [Int]
    /// What is to be done of rows that several workers share, by ordinal.
    package var parts: [Int: RowPart]

    package init(
        session: Int, lease: Int, isAlone: Bool, ordinals: [Int], parts: [Int: RowPart] = [:]
    ) {
        self.session = session
        self.lease = lease
        self.isAlone = isAlone
        self.ordinals = ordinals
        self.parts = parts
    }

    /// The message, with the rows in the order of ``ordinals``.
    package func message(rows: [LeaseRow]) -> CoordinatorMessage {
        precondition(rows.map(\.ordinal) == ordinals, "a lease carries the rows it was granted for")
        let rows = rows.map { row in
            var row = row
            row.part = parts[row.ordinal]
            return row
        }
        return .lease(Lease(session: session, lease: lease, isAlone: isAlone, rows: rows))
    }
}

/// A result for a row that was recorded before.
package struct DuplicateClaim: Hashable, Sendable {
    package var ordinal: Int
    package var recordDigest: ShortDigest
    package var slot: String

    package init(ordinal: Int, recordDigest: ShortDigest, slot: String) {
        self.ordinal = ordinal
        self.recordDigest = recordDigest
        self.slot = slot
    }
}

/// Why the coordinator stops before the job is finished.
package enum StopReason: Hashable, Sendable {
    /// Exit 75 (130 after Ctrl-C): run again to go on.
    case drained
    /// Exit 130: an operator cancelled the job; run again to go on.
    case cancelled
    /// Exit 74: the journal could not be written.
    case commitFailed
}
