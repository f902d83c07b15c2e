/// One manifest row as a worker receives it.
package struct RowTask: Hashable, Sendable {
    /// Position among the non-blank lines of the input, from 0.
    package var ordinal: Int
    /// The row's bytes without the line end.
    package var raw: [UInt8]
    /// The row must have the process to itself: it was in the engine when a worker was lost.
    package var isAlone: Bool
    /// What is to be done of a row that several workers share; nil for all of it.
    ///
    /// A span has an ordinal of its own, beyond those of all rows.
    package var part: RowPart?

    package init(ordinal: Int, raw: [UInt8], isAlone: Bool = false, part: RowPart? = nil) {
        self.ordinal = ordinal
        self.raw = raw
        self.isAlone = isAlone
        self.part = part
    }

    /// The row's record is made of what is known of its spans.
    package var isJoin: Bool {
        if case .join = part { true } else { false }
    }
}

/// What the engine says about rows, in the order it happens for each.
package enum RowEvent: Sendable {
    /// These rows are touched from now on: a crash may be their doing.
    case started([Int])
    /// The row turns out to be about so long: said when its header is read, and again where more is
    /// decoded than was said.
    case measured(ordinal: Int, RowLength)
    /// A row is done.
    case finished(FinishedRow)
    /// A row could not be done.
    case failed(FailedRow)
}

/// How much work a row is.
package struct RowLength: Hashable, Sendable {
    /// Of the recording, or of its span.
    package var milliseconds: Int
    /// Lanes that are computed: the channels where each has a transcript of its own, else 1.
    package var lanes: Int

    package init(milliseconds: Int, lanes: Int = 1) {
        self.milliseconds = milliseconds
        self.lanes = lanes
    }

    /// Milliseconds of audio that are computed.
    package var workMilliseconds: Int { milliseconds * lanes }
}

/// A transcribed row: the record that will stand in the output, byte for byte.
package struct FinishedRow: Hashable, Sendable {
    package var ordinal: Int
    /// The output record: one JSON object without a line end.
    package var record: [UInt8]
    /// 16 bytes of SHA-256 over the decoded mono samples.
    package var audioDigest: [UInt8]
    /// Seconds of decoded audio.
    package var audioSeconds: Double
    /// What an operator may want to know and the record does not say; empty as a rule.
    package var warning: String
    /// Numbers about the row: one JSON object; empty where the job has none.
    package var features: [UInt8]
    /// Tells the object of a server that its audio was fetched from; empty for files.
    package var object: String

    package init(
        ordinal: Int, record: [UInt8], audioDigest: [UInt8], audioSeconds: Double,
        warning: String = "", features: [UInt8] = [], object: String = ""
    ) {
        self.object = object
        self.ordinal = ordinal
        self.record = record
        self.audioDigest = audioDigest
        self.audioSeconds = audioSeconds
        self.warning = warning
        self.features = features
    }
}

/// A row that failed on this worker; whether that is final is the coordinator's decision.
package struct FailedRow: Hashable, Sendable {
    package var ordinal: Int
    package var failureClass: FailureClass
    /// What the record would say.
    package var code: FailureCode
    /// What happened, with paths and numbers: for the report, at most 512 bytes on the wire.
    package var detail: String

    package init(ordinal: Int, failureClass: FailureClass, code: FailureCode, detail: String) {
        self.ordinal = ordinal
        self.failureClass = failureClass
        self.code = code
        self.detail = detail
    }
}

/// Whom a failure counts against.
package enum FailureClass: String, CaseIterable, Hashable, Sendable {
    /// The row itself: no file, not audio, bad span.
    case input
    /// Where the audio comes from: time-outs, a stale mount.
    case source
    /// The row does not fit this worker's memory.
    case memory
    /// The engine: an exception, NaN in the result.
    case engine
    /// The worker vanished with the row in its engine.
    case lost
    /// The worker's machine: a disk that takes nothing.
    ///
    /// Its worker ends over it, and gives back the row uncharged.
    case worker
}
