package import Digests
package import SpeechTypes

/// What a worker says to the coordinator.
///
/// ``results(_:)``, ``failure(_:)`` and ``release(_:)`` carry a number, from 1 without gaps for the
/// whole run of the worker's process. They are kept until `recorded` covers their number, and sent again
/// after every `welcome`.
package enum WorkerMessage: Hashable, Sendable {
    /// Opens a session; also after a reconnect and after `unknownSession`.
    case hello(Hello)
    /// How much the worker wants to hold; the newest replaces the older.
    case requestWork(RequestWork)
    /// These rows are in the engine from now on.
    case started(Started)
    /// Rows that are done, as soon as they are.
    case results(Results)
    /// One row failed here.
    case failure(Failure)
    /// Rows given back unstarted.
    case release(Release)
    /// That the worker runs, its progress, and what it holds.
    case heartbeat(Heartbeat)
    /// A clean end; anything still held is released.
    case goodbye(Goodbye)

    package var kind: MessageKind {
        switch self {
        case .hello: .hello
        case .requestWork: .requestWork
        case .started: .started
        case .results: .results
        case .failure: .failure
        case .release: .release
        case .heartbeat: .heartbeat
        case .goodbye: .goodbye
        }
    }

    /// The session it belongs to; nil for `hello`.
    package var session: Int? {
        switch self {
        case .hello: nil
        case .requestWork(let message): message.session
        case .started(let message): message.session
        case .results(let message): message.session
        case .failure(let message): message.session
        case .release(let message): message.session
        case .heartbeat(let message): message.session
        case .goodbye(let message): message.session
        }
    }
}

/// How much a session may hold at once: leased to it and not yet recorded.
///
/// It is a level, not a sum: while less is held the coordinator may grant, without being asked
/// again. A session that holds nothing may get one row whatever its length.
package struct Credit: Hashable, Sendable {
    package var audioMilliseconds: Int
    /// 0 asks for nothing.
    package var rows: Int
    /// Audio milliseconds that the worker computes in one second, as it measured.
    package var speed: Int

    package init(audioMilliseconds: Int, rows: Int, speed: Int) {
        self.audioMilliseconds = audioMilliseconds
        self.rows = rows
        self.speed = speed
    }

    /// Asks for nothing.
    package static let none = Credit(audioMilliseconds: 0, rows: 0, speed: 0)
}

/// What a worker is: the part of `hello` that stays the same as long as its process runs.
package struct WorkerIdentity: Hashable, Sendable {
    /// The place it runs in, `host/index`; survives restarts.
    ///
    /// The part before the last `/` is the host.
    package var slot: String
    /// 128 random bits of this process, as 32 hexadecimal digits.
    package var instance: String
    /// The version of the program, for people.
    package var build: String
    /// Majors of the protocol that it speaks.
    package var versionMin: Int
    package var versionMax: Int
    /// Digest of weights, vocabulary and configuration.
    package var modelDigest: ContentDigest
    /// Digest of all ``ModelArtefacts``, the acoustic model among them.
    package var artefactsDigest: ContentDigest
    /// Digests of those beside the acoustic model, by their names, for messages to people.
    package var furtherArtefacts: [String: ContentDigest]
    /// Changes whenever the same audio could give other bytes.
    package var engineNumber: Int
    /// The arithmetic class that is loaded, and that the canary was computed with.
    package var arithmetic: String
    /// All classes that this machine can run, best first; contains ``arithmetic``.
    package var arithmeticClasses: [String]
    /// Digest of the canary's log-probabilities.
    package var canaryDigest: ContentDigest
    package var cores: Int
    package var memoryBytes: Int
    /// Audio milliseconds a second, measured with the canary.
    package var speed: Int
    /// It computes spans of rows that several workers share; a worker of a minor before 5 does not.
    package var computesSpans: Bool

    package init(
        slot: String, instance: String, build: String,
        versionMin: Int = Int(ProtocolVersion.major), versionMax: Int = Int(ProtocolVersion.major),
        modelDigest: ContentDigest, engineNumber: Int, arithmetic: String,
        arithmeticClasses: [String], canaryDigest: ContentDigest, cores: Int, memoryBytes: Int,
        speed: Int, artefactsDigest: ContentDigest? = nil,
        furtherArtefacts: [String: ContentDigest] = [:], computesSpans: Bool = false
    ) {
        self.computesSpans = computesSpans
        // Who names no other artefact has none.
        self.artefactsDigest =
            artefactsDigest
            ?? ModelArtefacts(acousticModel: modelDigest, further: furtherArtefacts).digest
        self.furtherArtefacts = furtherArtefacts
        self.slot = slot
        self.instance = instance
        self.build = build
        self.versionMin = versionMin
        self.versionMax = versionMax
        self.modelDigest = modelDigest
        self.engineNumber = engineNumber
        self.arithmetic = arithmetic
        self.arithmeticClasses = arithmeticClasses
        self.canaryDigest = canaryDigest
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.speed = speed
    }
}

/// Opens a session.
package struct Hello: Hashable, Sendable {
    package var identity: WorkerIdentity
    /// The lowest number of a message not yet known to be recorded (or the next, if all are).
    package var firstNumber: Int
    /// What it still holds of earlier sessions.
    package var held: [HeldLease]
    /// Rows in the engine now.
    package var inEngine: [Int]

    package init(identity: WorkerIdentity, firstNumber: Int, held: [HeldLease], inEngine: [Int]) {
        self.identity = identity
        self.firstNumber = firstNumber
        self.held = held
        self.inEngine = inEngine
    }
}

/// A lease as its holder sees it.
package struct HeldLease: Hashable, Sendable {
    package var lease: Int
    /// Rows of it that are not known to be recorded.
    package var ordinals: [Int]

    package init(lease: Int, ordinals: [Int]) {
        self.lease = lease
        self.ordinals = ordinals
    }
}

package struct RequestWork: Hashable, Sendable {
    package var session: Int
    package var credit: Credit

    package init(session: Int, credit: Credit) {
        self.session = session
        self.credit = credit
    }
}

package struct Started: Hashable, Sendable {
    package var session: Int
    package var ordinals: [Int]

    package init(session: Int, ordinals: [Int]) {
        self.session = session
        self.ordinals = ordinals
    }
}

/// Finished rows of any leases.
package struct Results: Hashable, Sendable {
    package var session: Int
    package var number: Int
    package var rows: [ResultRow]

    package init(session: Int, number: Int, rows: [ResultRow]) {
        self.session = session
        self.number = number
        self.rows = rows
    }
}

/// One transcribed row.
///
/// The record is opaque to the coordinator.
package struct ResultRow: Hashable, Sendable {
    package var ordinal: Int
    /// Of the raw row that it was computed from.
    package var rowDigest: ShortDigest
    /// The output record, one line without its end.
    package var record: [UInt8]
    /// CRC-32C of ``record``, computed where the record was made.
    package var recordCRC: UInt32
    /// First 16 bytes of SHA-256 of ``record``.
    package var recordDigest: ShortDigest
    /// First 16 bytes of SHA-256 of the decoded samples.
    package var audioDigest: ShortDigest
    /// Decoded audio.
    package var audioMilliseconds: Int
    /// For the report; empty as a rule.
    package var warning: String
    /// Numbers about the row, as opaque as the record; empty where the job has none.
    package var features: [UInt8]
    /// CRC-32C of ``features``, computed where they were made.
    package var featuresCRC: UInt32
    /// Tells the object of a server that the audio was fetched from; empty for files.
    package var object: String

    package init(
        ordinal: Int, rowDigest: ShortDigest, record: [UInt8], recordCRC: UInt32,
        recordDigest: ShortDigest, audioDigest: ShortDigest, audioMilliseconds: Int,
        warning: String, features: [UInt8] = [], featuresCRC: UInt32 = 0, object: String = ""
    ) {
        self.object = object
        self.ordinal = ordinal
        self.rowDigest = rowDigest
        self.record = record
        self.recordCRC = recordCRC
        self.recordDigest = recordDigest
        self.audioDigest = audioDigest
        self.audioMilliseconds = audioMilliseconds
        self.warning = warning
        self.features = features
        self.featuresCRC = featuresCRC
    }

    /// Whether record and features are the bytes that their worker made.
    package var isWhole: Bool {
        CRC32C.checksum(of: record) == recordCRC && CRC32C.checksum(of: features) == featuresCRC
    }
}

package struct Failure: Hashable, Sendable {
    package var session: Int
    package var number: Int
    package var lease: Int
    package var ordinal: Int
    package var rowDigest: ShortDigest
    package var failureClass: FailureClass
    package var code: FailureCode
    /// For the report, at most 512 bytes.
    package var detail: String

    package init(
        session: Int, number: Int, lease: Int, ordinal: Int, rowDigest: ShortDigest,
        failureClass: FailureClass, code: FailureCode, detail: String
    ) {
        self.session = session
        self.number = number
        self.lease = lease
        self.ordinal = ordinal
        self.rowDigest = rowDigest
        self.failureClass = failureClass
        self.code = code
        self.detail = detail
    }
}

package struct Release: Hashable, Sendable {
    package enum Reason: String, CaseIterable, Hashable, Sendable {
        /// The worker is ending.
        case drain
        /// The coordinator asked for them.
        case revoked
    }

    package var session: Int
    package var number: Int
    package var lease: Int
    package var ordinals: [Int]
    package var reason: Reason

    package init(session: Int, number: Int, lease: Int, ordinals: [Int], reason: Reason) {
        self.session = session
        self.number = number
        self.lease = lease
        self.ordinals = ordinals
        self.reason = reason
    }
}

package struct Heartbeat: Hashable, Sendable {
    package var session: Int
    /// From 1 in each session; `beat` repeats it.
    package var number: Int
    /// Leases with rows not known to be recorded.
    package var leases: [Int]
    /// Rows in the engine.
    package var inEngine: [Int]
    /// How long the engine has had rows and made no step; 0 while it has none or must wait.
    package var progressAgeMilliseconds: Int
    /// The engine stands still because unrecorded results fill the window.
    package var isWaitingForWindow: Bool
    /// Repeated here so that a lost `requestWork` does no harm.
    package var credit: Credit
    /// Rows in the engine whose length is known by now.
    package var measured: [MeasuredRow]
    /// Audio that is computed of rows in the engine, every lane counted; 0 where it does not tell.
    package var computedMilliseconds: Int
    /// How its process spends time and memory; nil from a worker of a minor before 6, and without an engine.
    package var load: WorkerLoad?

    package init(
        session: Int, number: Int, leases: [Int], inEngine: [Int], progressAgeMilliseconds: Int,
        isWaitingForWindow: Bool, credit: Credit, measured: [MeasuredRow] = [],
        computedMilliseconds: Int = 0, load: WorkerLoad? = nil
    ) {
        self.load = load
        self.session = session
        self.number = number
        self.leases = leases
        self.inEngine = inEngine
        self.progressAgeMilliseconds = progressAgeMilliseconds
        self.isWaitingForWindow = isWaitingForWindow
        self.credit = credit
        self.measured = measured
        self.computedMilliseconds = computedMilliseconds
    }
}

/// What a worker found a row to be, from its header or by decoding it.
package struct MeasuredRow: Hashable, Sendable {
    package var ordinal: Int
    package var length: RowLength

    package init(ordinal: Int, length: RowLength) {
        self.ordinal = ordinal
        self.length = length
    }
}

package struct Goodbye: Hashable, Sendable {
    package enum Reason: String, CaseIterable, Hashable, Sendable {
        /// Drained: by a signal, or asked by the coordinator.
        case drained
        /// The engine ended with an error; the process ends with 70.
        case engine
    }

    package var session: Int
    package var reason: Reason

    package init(session: Int, reason: Reason) {
        self.session = session
        self.reason = reason
    }
}
