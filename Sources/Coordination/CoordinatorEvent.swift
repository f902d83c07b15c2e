package import ClusterProtocol
package import SpeechTypes

/// What can happen to the coordinator.
///
/// The runtime takes what is in its inbox, hands each event over, then ``turnEnded``; and performs
/// the effects of each call in their order. It calls with `turnEnded` alone when
/// ``Coordinator/nextTurn`` is due.
package enum CoordinatorEvent: Sendable {
    /// A decoded message of a worker.
    case message(WorkerMessage, from: PeerID)
    /// A decoded `statusRequest`.
    case statusRequested(from: PeerID)
    /// A message that could not be decoded, or whose kind no worker may send.
    case malformed(ProtocolError, from: PeerID)
    /// A peer whose key may not work here, or not any more: its session ends.
    case forbidden(PeerID)
    /// Rows whose manifest line is unusable, found at planning; they are recorded as `rejected`.
    /// Handed over at the start of every epoch (rows already recorded are passed over), before any
    /// message, with one `turnEnded` each few thousand rows.
    case rejectedAtPlanning([PlanningRejection])
    /// The transaction of this batch is durable.
    case commitFinished(batch: Int)
    /// The transaction failed, or may have; nothing will be sent any more (exit 74).
    case commitFailed(batch: Int)
    /// The parent of a local worker saw it end: its session is over now. `instance` is nil where the
    /// parent does not know it; then the slot's present session is meant, so this must be handed
    /// over before the worker is started again.
    case workerExited(slot: String, instance: String?, ProcessEnd)
    /// What ``CoordinatorEffect/compareDuplicate(_:)`` asked for: the recorded digest is another.
    case duplicateDiffers(DuplicateClaim, recordedSlot: String)
    /// What an operator asks for; answered by ``CoordinatorEffect/answer(_:to:)``.
    case command(OperatorCommand, from: PeerID)
    /// The disk is nearly full, or has room again.
    case space(isShort: Bool)
    /// Stop in order: `SIGTERM` or Ctrl-C.
    case drain
    /// The inbox is empty (or enough was taken): time passes, rows are granted, a commit may start.
    case turnEnded
}

/// How a worker's process ended, as its parent saw it.
package enum ProcessEnd: Hashable, Sendable {
    /// With exit status 0, 65 or 75, which says that no row did it.
    case clean
    /// By a signal that a process brings on itself (a bad access, an abort): its row may have done
    /// it, nobody else can have.
    case fault
    /// By any other signal or status: the row may have done it, or anybody.
    case killed
}

/// A row that no worker needs to see.
package struct PlanningRejection: Hashable, Sendable {
    package var ordinal: Int
    package var code: FailureCode
    /// Where in the line what was found, for the report.
    package var detail: String

    package init(ordinal: Int, code: FailureCode, detail: String) {
        self.ordinal = ordinal
        self.code = code
        self.detail = detail
    }
}
