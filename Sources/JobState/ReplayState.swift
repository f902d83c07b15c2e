package import ClusterProtocol
package import SpeechTypes

/// What the journal gives back at the start of an epoch, all of it durable.
package struct ReplayState: Sendable {
    /// Of this epoch: written and durable before the coordinator is made; from 1.
    package var epoch: Int
    /// The rows that have an outcome.
    package var recorded: RowSet
    /// Outcomes by status and code.
    package var counts: OutcomeCounts
    /// Decoded audio of the transcribed rows.
    package var transcribedAudioMilliseconds: Int
    /// The highest lease number ever granted, ended or not; 0 if none.
    package var lastLease: Int
    /// Leases without an end, by number, with their started rows.
    ///
    /// Rows that are recorded meanwhile may still be listed.
    package var openLeases: [LeaseRecord]
    /// By ordinal, each once; those of recorded rows are ignored and may be left out.
    package var histories: [AttemptHistory]
    package var facts: FleetFacts?
    package var pauses: [PauseReason]
    /// Recorded rows that workers failed on, by ordinal: without those found at planning.
    package var givenUp: [Int: FailureCode]

    package init(
        epoch: Int, recorded: RowSet, counts: OutcomeCounts = OutcomeCounts(),
        transcribedAudioMilliseconds: Int = 0, lastLease: Int = 0, openLeases: [LeaseRecord] = [],
        histories: [AttemptHistory] = [], facts: FleetFacts? = nil, pauses: [PauseReason] = [],
        givenUp: [Int: FailureCode] = [:]
    ) {
        self.epoch = epoch
        self.recorded = recorded
        self.counts = counts
        self.transcribedAudioMilliseconds = transcribedAudioMilliseconds
        self.lastLease = lastLease
        self.openLeases = openLeases
        self.histories = histories
        self.facts = facts
        self.pauses = pauses
        self.givenUp = givenUp
    }
}

/// A set of ordinals: one bit for each row.
package struct RowSet: Hashable, Sendable {
    package let rowCount: Int
    package private(set) var count = 0
    private var words: [UInt64]

    package init(rowCount: Int) {
        self.rowCount = rowCount
        words = Array(repeating: 0, count: (rowCount + 63) / 64)
    }

    package func contains(_ ordinal: Int) -> Bool {
        words[ordinal >> 6] >> UInt64(ordinal & 63) & 1 == 1
    }

    /// - Returns: whether it was not there before.
    @discardableResult
    package mutating func insert(_ ordinal: Int) -> Bool {
        precondition((0..<rowCount).contains(ordinal), "a row beyond the end of the job")
        guard !contains(ordinal) else { return false }
        words[ordinal >> 6] |= 1 << UInt64(ordinal & 63)
        count += 1
        return true
    }

    /// - Precondition: the row is in the set.
    package mutating func remove(_ ordinal: Int) {
        precondition(contains(ordinal), "a row is taken out of a set that has it")
        words[ordinal >> 6] &= ~(1 << UInt64(ordinal & 63))
        count -= 1
    }
}

/// How many rows ended how.
package struct OutcomeCounts: Hashable, Sendable {
    package private(set) var transcribed = 0
    /// In the order of `FailureCode.allCases`.
    private var failed = [Int](repeating: 0, count: FailureCode.allCases.count)

    package init() {}

    /// Counts `rows` more with this outcome; `code` is nil for transcribed rows.
    package mutating func add(_ code: FailureCode?, rows: Int = 1) {
        guard let code else {
            transcribed += rows
            return
        }
        for (index, candidate) in FailureCode.allCases.enumerated() where candidate == code {
            failed[index] += rows
        }
    }

    /// Takes back one row with this code.
    package mutating func remove(_ code: FailureCode) { add(code, rows: -1) }

    package subscript(code: FailureCode) -> Int {
        zip(FailureCode.allCases, failed).first { $0.0 == code }?.1 ?? 0
    }

    package func rows(with status: RowStatus) -> Int {
        guard status != .transcribed else { return transcribed }
        return zip(FailureCode.allCases, failed).reduce(0) {
            $1.0.status == status ? $0 + $1.1 : $0
        }
    }

    package var total: Int { failed.reduce(transcribed, +) }
}
