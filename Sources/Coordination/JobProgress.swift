internal import ClusterProtocol
internal import JobState
internal import SpeechTypes

/// How rows ended, and what it took.
struct JobProgress: Sendable {
    private(set) var counts: OutcomeCounts
    /// Decoded audio of transcribed rows.
    private(set) var transcribedAudioMilliseconds: Int
    /// Recorded rows that workers failed on, with their codes: those that can be taken back.
    private(set) var failedRows: [Int: FailureCode]
    var workersLost = 0
    var rowsDuplicated = 0
    var rowsRetried = 0
    private var speed: FleetSpeed

    init(_ replay: ReplayState, speedWindow: Duration, at now: Instant) {
        counts = replay.counts
        transcribedAudioMilliseconds = replay.transcribedAudioMilliseconds
        failedRows = replay.givenUp
        speed = FleetSpeed(window: speedWindow, at: now)
    }

    /// A row has its outcome.
    mutating func record(_ outcome: RowOutcome) {
        transcribedAudioMilliseconds += outcome.audioMilliseconds
        counts.add(outcome.code)
        if let code = outcome.code, !code.isFoundAtPlanning { failedRows[outcome.ordinal] = code }
    }

    /// A row's outcome is taken back.
    ///
    /// - Returns: whether the row had one that can be.
    mutating func takeBack(_ ordinal: Int) -> Bool {
        guard let code = failedRows.removeValue(forKey: ordinal) else { return false }
        counts.remove(code)
        return true
    }

    // MARK: Speed

    /// Audio was computed.
    mutating func compute(audioMilliseconds: Int, at now: Instant) {
        speed.add(audioMilliseconds: audioMilliseconds, at: now)
    }

    /// Audio milliseconds a second; 0 while unknown.
    func speed(at now: Instant) -> Int { speed.speed(at: now) }

    /// The time until now says nothing about how fast workers are.
    mutating func restartSpeed(window: Duration, at now: Instant) {
        speed = FleetSpeed(window: window, at: now)
    }
}
