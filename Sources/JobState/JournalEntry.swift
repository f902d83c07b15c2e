package import ClusterProtocol
package import Digests
package import SpeechTypes

/// What must survive a restart.
///
/// All entries of one ``CommitBatch`` are written in one transaction, in their order.
package enum JournalEntry: Hashable, Sendable {
    /// A row's end. The coordinator appends at most one for each ordinal in a whole job, unless
    /// `retried` took the last one back.
    case outcome(RowOutcome)
    /// Rows were leased. Numbers strictly increase.
    case leaseGranted(LeaseRecord)
    /// Rows of a lease entered an engine: kept with the lease (a set, repeats do not matter).
    case leaseStarted(lease: Int, ordinals: [Int])
    /// The lease is over; what was not recorded waits again.
    case leaseEnded(lease: Int, LeaseEnd)
    /// What earlier attempts on a row cost: replaces what was there for the ordinal.
    case history(AttemptHistory)
    /// Outcomes without a transcript that are taken back, with what earlier attempts cost.
    case retried([Int])
    /// Why the job is paused: replaces what was there; empty while it is not.
    case pauses([PauseReason])
    /// What the first worker fixed for the whole job; appended at most once.
    case fleetFacts(FleetFacts)
    /// For the report: what an operator may want to know. The oldest may be dropped.
    case note(JobNote)
}

/// How a row ended.
package struct RowOutcome: Hashable, Sendable {
    package var ordinal: Int
    /// Of the row that the outcome was found for.
    package var rowDigest: ShortDigest
    package var status: RowStatus
    /// Nil exactly for `transcribed`.
    package var code: FailureCode?
    /// The record as the worker rendered it; nil for `rejected` and `quarantined`, whose records
    /// are rendered from the raw row and the code at export.
    package var record: [UInt8]?
    /// CRC-32C of the record, from where it was made; 0 without one.
    package var recordCRC: UInt32
    /// Nil without a record.
    package var recordDigest: ShortDigest?
    /// Nil without a record.
    package var audioDigest: ShortDigest?
    /// Decoded audio of a transcribed row, 0 otherwise.
    package var audioMilliseconds: Int
    /// The slot that it came from; empty if no worker had a part in it.
    package var slot: String
    /// The row's lease then; 0 if it had none.
    package var lease: Int
    /// For the report: the worker's warning or the last failure's text.
    package var detail: String
    /// As the worker rendered them; empty without a record, and where the job has none.
    package var features: [UInt8]
    /// CRC-32C of the features, from where they were made.
    package var featuresCRC: UInt32
    /// Tells the object of a server that the audio was fetched from; empty for files, and without a record.
    package var object: String

    package init(
        ordinal: Int, rowDigest: ShortDigest, status: RowStatus, code: FailureCode? = nil,
        record: [UInt8]? = nil, recordCRC: UInt32 = 0, recordDigest: ShortDigest? = nil,
        audioDigest: ShortDigest? = nil,
        audioMilliseconds: Int = 0, slot: String = "", lease: Int = 0, detail: String = "",
        features: [UInt8] = [], featuresCRC: UInt32 = 0, object: String = ""
    ) {
        self.object = object
        self.ordinal = ordinal
        self.rowDigest = rowDigest
        self.status = status
        self.code = code
        self.record = record
        self.recordCRC = recordCRC
        self.recordDigest = recordDigest
        self.audioDigest = audioDigest
        self.audioMilliseconds = audioMilliseconds
        self.slot = slot
        self.lease = lease
        self.detail = detail
        self.features = features
        self.featuresCRC = featuresCRC
    }
}

/// A lease as the journal keeps it from grant to end.
package struct LeaseRecord: Hashable, Sendable {
    package var lease: Int
    package var slot: String
    package var instance: String
    /// The session that it was granted to: unique over all epochs of the coordinator.
    package var session: Int
    package var isAlone: Bool
    package var ordinals: [Int]
    /// What `leaseStarted` entries added: filled in by the journal for ``ReplayState``, empty in
    /// `leaseGranted`.
    ///
    /// In any order.
    package var started: [Int]

    package init(
        lease: Int, slot: String, instance: String, session: Int, isAlone: Bool, ordinals: [Int],
        started: [Int] = []
    ) {
        self.lease = lease
        self.slot = slot
        self.instance = instance
        self.session = session
        self.isAlone = isAlone
        self.ordinals = ordinals
        self.started = started
    }
}

/// How a lease ended.
package enum LeaseEnd: String, CaseIterable, Hashable, Sendable {
    /// Every row is recorded, failed or given back by the worker.
    case finished
    /// Its session said goodbye, or does not know of it.
    case released
    /// Its session ended without goodbye.
    case lost
    /// Its session lived, but made no progress.
    case stalled
    /// The coordinator stopped in order.
    case drained
}

/// What the first worker fixed for the whole job; every later one must match.
package struct FleetFacts: Hashable, Sendable {
    /// The resolved class.
    package var arithmetic: String
    /// Digest of the canary's log-probabilities in that class.
    package var canaryDigest: ContentDigest
    /// The slot of that first worker.
    package var slot: String
    /// Of the engine that computed the canary.
    package var engineNumber: Int

    package init(
        arithmetic: String, canaryDigest: ContentDigest, slot: String, engineNumber: Int
    ) {
        self.arithmetic = arithmetic
        self.canaryDigest = canaryDigest
        self.slot = slot
        self.engineNumber = engineNumber
    }
}

/// A line of the report, not of the state.
package struct JobNote: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case workerJoined = "worker_joined"
        case workerLost = "worker_lost"
        case workerLeft = "worker_left"
        case workerRejected = "worker_rejected"
        case rowFailed = "row_failed"
        case rowWarning = "row_warning"
        case rowSuspected = "row_suspected"
        case lossesWaived = "losses_forgiven"
        case lossesRetracted = "losses_struck_out"
        case resultRefused = "result_refused"
        case determinismViolation = "determinism_violation"
        case rowCopied = "row_copied"
        case slotBenched = "slot_benched"
        case sourceFailing = "source_failing"
        case sourceDown = "source_down"
        case sourceBack = "source_back"
        case operatorCommand = "operator_command"
        case jobPaused = "job_paused"
        case jobResumed = "job_resumed"
        case engineChanged = "engine_changed"
    }

    package var kind: Kind
    package var slot: String
    package var ordinal: Int?
    package var text: String

    package init(kind: Kind, slot: String, ordinal: Int? = nil, text: String) {
        self.kind = kind
        self.slot = slot
        self.ordinal = ordinal
        self.text = text
    }
}
