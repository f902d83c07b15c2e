package import Digests
package import SpeechTypes

/// What the coordinator says to a worker.
package enum CoordinatorMessage: Hashable, Sendable {
    /// The answer to `hello`.
    case welcome(Welcome)
    /// The other answer to `hello`, and the end of a session that cannot go on.
    case rejected(Rejected)
    /// Work.
    case lease(Lease)
    /// Durable: the worker may forget.
    case recorded(Recorded)
    /// Do not start these rows; those that were not are answered with `release`.
    case revoke(LeaseRows)
    /// These rows are recorded elsewhere: forget those that were not started.
    case dismiss(LeaseRows)
    /// The answer to a heartbeat.
    case beat(Beat)
    /// Finish what is in the engine, release the rest, say goodbye.
    case drain(session: Int)
    /// The session is not known here (any more): say `hello`.
    case unknownSession
    /// A message was malformed or impossible; several of these end a session.
    case refused(RefusedCode)

    package var kind: MessageKind {
        switch self {
        case .welcome: .welcome
        case .rejected: .rejected
        case .lease: .lease
        case .recorded: .recorded
        case .revoke: .revoke
        case .dismiss: .dismiss
        case .beat: .beat
        case .drain: .drain
        case .unknownSession: .unknownSession
        case .refused: .refused
        }
    }
}

package struct Welcome: Hashable, Sendable {
    package var session: Int
    /// The epoch of the coordinator; a worker ignores lower ones than the highest it has seen.
    package var epoch: Int
    package var jobID: ContentDigest
    /// The job's arithmetic class.
    package var arithmetic: String
    package var options: RecognitionOptions
    /// Digest of the job's ``TranscriptRecipe``; nil from a coordinator of minor 1 or 0, whose jobs have
    /// no artefact but the acoustic model.
    package var recipeDigest: ContentDigest?
    /// The folder that relative paths of the manifest start from.
    package var manifestFolder: String
    package var heartbeatMilliseconds: Int
    package var sessionTimeoutMilliseconds: Int
    /// Bytes of results that may be sent and not yet recorded.
    package var windowBytes: Int
    /// Work that one lease should hold.
    package var leaseMilliseconds: Int
    package var leaseRowsMax: Int
    /// The leases of `hello` that the worker keeps; it gives back the unstarted rows of all others.
    package var kept: [Int]

    package init(
        session: Int, epoch: Int, jobID: ContentDigest, arithmetic: String,
        options: RecognitionOptions, manifestFolder: String, heartbeatMilliseconds: Int,
        sessionTimeoutMilliseconds: Int, windowBytes: Int, leaseMilliseconds: Int,
        leaseRowsMax: Int, kept: [Int], recipeDigest: ContentDigest? = nil
    ) {
        self.recipeDigest = recipeDigest
        self.session = session
        self.epoch = epoch
        self.jobID = jobID
        self.arithmetic = arithmetic
        self.options = options
        self.manifestFolder = manifestFolder
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.windowBytes = windowBytes
        self.leaseMilliseconds = leaseMilliseconds
        self.leaseRowsMax = leaseRowsMax
        self.kept = kept
    }
}

package struct Rejected: Hashable, Sendable {
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case version
        case model
        case engine
        case arithmetic
        case canary
        case jobFinished = "job_finished"
        case fleetFull = "fleet_full"
        case superseded
        /// Too many malformed or impossible messages.
        case `protocol`
        /// The key may not work here, or not any more.
        case forbidden
        /// The coordinator is stopping; it will be started again.
        case stopping
        /// An operator drained the slot.
        case drained
        /// An operator cancelled the job.
        case cancelled
    }

    /// What helps a worker of a later release than its coordinator's.
    package static let coordinatorFirst =
        "upgrade the coordinator first, which goes on with its job where it stands"

    package var code: Code
    /// What is wrong and what would do, for people.
    package var sentence: String
    /// When another `hello` may help; nil for never.
    package var retryMilliseconds: Int?
    /// The job's arithmetic class where `code` is `arithmetic`, empty otherwise.
    package var arithmetic: String
    /// The job's engine where `code` is `engine`; a coordinator of minor 1 or 0 does not say it.
    package var engineNumber: Int?
    /// The files that the job takes beside its acoustic model, where `code` is `model` and that model is
    /// right; a coordinator of a minor before 4 does not say them.
    package var artefacts: [ArtefactFile]?

    package init(
        code: Code, sentence: String, retryMilliseconds: Int? = nil, arithmetic: String = "",
        engineNumber: Int? = nil, artefacts: [ArtefactFile]? = nil
    ) {
        self.engineNumber = engineNumber
        self.artefacts = artefacts
        self.code = code
        self.sentence = sentence
        self.retryMilliseconds = retryMilliseconds
        self.arithmetic = arithmetic
    }
}

/// Permission for one session to work on some rows.
package struct Lease: Hashable, Sendable {
    package var session: Int
    /// Strictly increasing over the whole job; the fencing token.
    package var lease: Int
    /// The process computes nothing else meanwhile; one row then.
    package var isAlone: Bool
    package var rows: [LeaseRow]

    package init(session: Int, lease: Int, isAlone: Bool, rows: [LeaseRow]) {
        self.session = session
        self.lease = lease
        self.isAlone = isAlone
        self.rows = rows
    }
}

package struct LeaseRow: Hashable, Sendable {
    package var ordinal: Int
    package var rowDigest: ShortDigest
    /// What the plan takes its length to be.
    package var audioMilliseconds: Int
    /// The row's bytes without the line end.
    package var raw: [UInt8]
    /// What is to be done of a row that several workers share; nil for all of it.
    package var part: RowPart?

    package init(
        ordinal: Int, rowDigest: ShortDigest, audioMilliseconds: Int, raw: [UInt8],
        part: RowPart? = nil
    ) {
        self.part = part
        self.ordinal = ordinal
        self.rowDigest = rowDigest
        self.audioMilliseconds = audioMilliseconds
        self.raw = raw
    }
}

/// Some rows of a lease.
package struct LeaseRows: Hashable, Sendable {
    package var session: Int
    package var lease: Int
    package var ordinals: [Int]

    package init(session: Int, lease: Int, ordinals: [Int]) {
        self.session = session
        self.lease = lease
        self.ordinals = ordinals
    }
}

package struct Recorded: Hashable, Sendable {
    package var session: Int
    /// Messages up to this number are durable, or refused for good.
    package var number: Int
    /// Rows that were not taken, and why: parallel arrays.
    package var refusedOrdinals: [Int]
    package var refusedReasons: [RefusedReason]

    package init(
        session: Int, number: Int, refusedOrdinals: [Int] = [],
        refusedReasons: [RefusedReason] = []
    ) {
        self.session = session
        self.number = number
        self.refusedOrdinals = refusedOrdinals
        self.refusedReasons = refusedReasons
    }
}

/// Why a result was not taken.
package enum RefusedReason: String, CaseIterable, Hashable, Sendable {
    case ordinal
    case rowDigest = "row_digest"
    case size
    case crc
}

package struct Beat: Hashable, Sendable {
    package var session: Int
    /// Of the heartbeat that it answers.
    package var number: Int
    package var epoch: Int
    /// The leases that the coordinator takes this session to hold.
    package var leases: [Int]
    package var windowBytes: Int
    /// As in `recorded`.
    package var recordedNumber: Int

    package init(
        session: Int, number: Int, epoch: Int, leases: [Int], windowBytes: Int,
        recordedNumber: Int
    ) {
        self.session = session
        self.number = number
        self.epoch = epoch
        self.leases = leases
        self.windowBytes = windowBytes
        self.recordedNumber = recordedNumber
    }
}

/// Why a message was not taken.
package enum RefusedCode: String, CaseIterable, Hashable, Sendable {
    /// The bytes are not a message.
    case malformed
    /// A message that this session may not send now.
    case outOfState = "out_of_state"
    /// The key has no role that may send it.
    case forbidden
}
