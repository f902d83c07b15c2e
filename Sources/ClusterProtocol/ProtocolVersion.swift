/// What may talk to what.
package enum ProtocolVersion {
    /// A message of another major is not read; its sender is `rejected(version)`.
    package static let major: UInt8 = 1
    /// A higher minor may add fields to a message; unknown fields are ignored.
    ///
    /// 1: heartbeats say how long rows in the engine are, and their age of progress is that of steps.
    /// 2: `hello` names all artefacts by one digest, `welcome` the job's recipe, and `rejected` the
    /// job's engine.
    /// 3: `results` may have features of rows.
    /// 4: `hello` names the worker's files for decoding, and `rejected` those that the job needs.
    /// 5: `hello` says that the worker computes spans of rows that several workers share, and `lease` has
    /// them.
    /// 6: `heartbeat` says how the worker's process spends time and memory, and `statusReply` how all do.
    package static let minor: UInt8 = 6
}

/// The kind of a message: byte 6 of its header.
///
/// The numbers are part of the wire format.
///
/// Kinds 9–31 are free for workers, 44–63 for coordinators. Reserved, and refused for now: 40 (wait).
package enum MessageKind: UInt8, CaseIterable, Hashable, Sendable {
    // A worker to the coordinator.
    case hello = 1
    case requestWork = 2
    case started = 3
    case results = 4
    case failure = 5
    case release = 6
    case heartbeat = 7
    case goodbye = 8
    // The coordinator to a worker.
    case welcome = 33
    case rejected = 34
    case lease = 35
    case recorded = 36
    case revoke = 37
    case dismiss = 38
    case beat = 39
    case drain = 41
    case unknownSession = 42
    case refused = 43
    // An operator to the coordinator, and its answers.
    case statusRequest = 65
    case command = 66
    case statusReply = 97
    case commandReply = 98

    /// A worker may send it.
    package var isFromWorker: Bool { (1...31).contains(rawValue) }
    /// A coordinator may send it to a worker.
    package var isFromCoordinator: Bool { (33...63).contains(rawValue) }
}

/// Any message, as it goes through ``MessageCodec``.
package enum ClusterMessage: Hashable, Sendable {
    case worker(WorkerMessage)
    case coordinator(CoordinatorMessage)
    case statusRequest
    case statusReply(JobStatus)
    case command(OperatorCommand)
    case commandReply(OperatorAnswer)

    package var kind: MessageKind {
        switch self {
        case .worker(let message): message.kind
        case .coordinator(let message): message.kind
        case .statusRequest: .statusRequest
        case .statusReply: .statusReply
        case .command: .command
        case .commandReply: .commandReply
        }
    }
}
