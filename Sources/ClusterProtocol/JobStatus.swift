package import SpeechTypes

/// Progress as numbers: what bars and `scriptorium status` show; also the answer to `statusRequest`.
package struct JobStatus: Hashable, Sendable {
    package enum Phase: String, CaseIterable, Hashable, Sendable {
        case running
        /// Nothing is granted; see ``JobStatus/pauses``.
        case paused
        case draining
        case finished
        case stopped
    }

    /// How many rows ended with one failure code.
    package struct FailureCount: Hashable, Sendable {
        package var code: String
        package var rows: Int

        package init(code: String, rows: Int) {
            self.code = code
            self.rows = rows
        }
    }

    package var phase: Phase = .running
    /// Why the job is paused; empty while it is not.
    package var pauses: [PauseReason] = []
    package var epoch = 0
    package var rowsTotal = 0
    package var rowsTranscribed = 0
    package var rowsRejected = 0
    package var rowsQuarantined = 0
    package var rowsLeased = 0
    /// Rows that wait for a worker.
    package var rowsWaiting = 0
    /// Planned lengths, corrected by what was decoded.
    package var audioMillisecondsTotal = 0
    package var audioMillisecondsDone = 0
    package var workers = 0
    package var workersComputing = 0
    /// Sessions that ended without goodbye.
    package var workersLost = 0
    package var rowsDuplicated = 0
    package var rowsRetried = 0
    /// Audio seconds a second over the last while, in thousandths; 0 while unknown.
    package var speedMilli = 0
    /// Nil while unknown.
    package var remainingMilliseconds: Int?
    /// Since this epoch of the coordinator began.
    package var elapsedMilliseconds = 0
    /// By code, in the order of `FailureCode`.
    package var failures: [FailureCount] = []
    /// How workers' engines spent their time since this epoch began, as far as it was told; zero where
    /// nothing was.
    package var load = EngineLoad.zero
    /// The same over the last minute or so.
    package var recentLoad = EngineLoad.zero
    /// Memory that workers hold.
    package var residentBytes = 0
    /// Where workers are, in the order in which they came: the first ``slotsMax``.
    package var slots: [String] = []

    package static let slotsMax = 256

    package init() {}

    /// Rows with an outcome.
    package var rowsDone: Int { rowsTranscribed + rowsRejected + rowsQuarantined }

    /// What the job's speed depends on is how fast audio is fetched and decoded, not how fast it is computed.
    package var waitsForAudio: Bool { rowsDone < rowsTotal && recentLoad.waitsForAudio }
}

/// Why a job grants nothing.
package enum PauseReason: String, CaseIterable, Hashable, Sendable {
    /// An operator said so; ends when one says `resume`.
    case `operator`
    /// Every row that waits is behind a source that does not answer; ends when one does.
    case sourceDown = "source_down"
    /// The journal's disk is nearly full; ends when there is room.
    case noSpace = "no_space"
    /// Too many engines fail on too many rows; ends when an operator says `resume`.
    case suspectFleet = "suspect_fleet"
}
