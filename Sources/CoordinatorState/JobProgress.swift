internal import ClusterProtocol
package import JobState
package import SpeechTypes

/// How rows ended, and what it took.
package struct JobProgress: Sendable {
    package private(set) var counts: OutcomeCounts
    /// Decoded audio of transcribed rows.
    package private(set) var transcribedAudioMilliseconds: Int
    /// Recorded rows that workers failed on, with their codes: those that can be taken back.
    package private(set) var failedRows: [Int: FailureCode]
    package var workersLost = 0
    package var rowsDuplicated = 0
    package var rowsRetried = 0
    /// A worker of this epoch has started a row: its engine comes up.
    package private(set) var hasSeenStart = false
    /// How workers' engines have spent their time in this epoch.
    package var load = EngineLoad.zero
    private var speed: FleetSpeed

    package init(_ replay: ReplayState, speedWindow: Duration, at now: Instant) {
        counts = replay.counts
        transcribedAudioMilliseconds = replay.transcribedAudioMilliseconds
        failedRows = replay.givenUp
        speed = FleetSpeed(window: speedWindow, at: now)
    }

    /// A row has its outcome.
    package mutating func record(_ outcome: RowOutcome) {
        transcribedAudioMilliseconds += outcome.audioMilliseconds
        counts.add(outcome.code)
        if let code = outcome.code, !code.isFoundAtPlanning { failedRows[outcome.ordinal] = code }
    }

    /// A row's outcome is taken back.
    ///
    /// - Returns: whether the row had one that can be.
    package mutating func takeBack(_ ordinal: Int) -> Bool {
        guard let code = failedRows.removeValue(forKey: ordinal) else { return false }
        counts.remove(code)
        return true
    }

    // MARK: Speed

    /// Audio was computed.
    package mutating func compute(audioMilliseconds: Int, at now: Instant) {
        speed.add(audioMilliseconds: audioMilliseconds, at: now)
    }

    /// A worker has started a row.
    ///
    /// The time before the first one, in which workers were begun and read their models, says nothing about how
    /// fast they are.
    package mutating func start(speedWindow: Duration, at now: Instant) {
        guard !hasSeenStart else { return }
        hasSeenStart = true
        restartSpeed(window: speedWindow, at: now)
    }

    /// Audio milliseconds a second; 0 while unknown.
    package func speed(at now: Instant) -> Int { speed.speed(at: now) }

    /// The time until now says nothing about how fast workers are.
    package mutating func restartSpeed(window: Duration, at now: Instant) {
        speed = FleetSpeed(window: window, at: now)
    }
}
