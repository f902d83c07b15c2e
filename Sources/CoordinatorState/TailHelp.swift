package import JobState

/// What the help for slow workers at the end of a job remembers.
package struct TailHelp: Sendable {
    /// How much longer than predicted rows take.
    package var lateness = Lateness()
    /// How long a row may take before it is late, in per cent of the prediction.
    package private(set) var allowedPercent = 300
    /// When idle sessions were given rows of others last.
    private var begunAt: Instant?
    /// Sessions that hold rows of which none is in the engine, while others are that are not theirs any
    /// more: up to which message they were heard, and since when no further one came.
    private var still: [Int: (received: Int, since: Instant)] = [:]

    package init() {}

    /// Looking for rows to give is work, so it is done only so often.
    package func isDue(at now: Instant, interval: Duration) -> Bool {
        begunAt.map { now - $0 >= interval } ?? true
    }

    /// Looks now.
    ///
    /// - Parameter sessions: all that there are.
    package mutating func begin(_ sessions: some Sequence<SessionState>, at now: Instant) {
        begunAt = now
        allowedPercent = (lateness.usualPercent ?? 200) * 3 / 2
        let before = still
        still = [:]
        for session in sessions
        where session.heldRows > 0 && session.inEngine.isEmpty && !session.engineList.isEmpty {
            if let known = before[session.number], known.received == session.receivedNumber {
                still[session.number] = known
            } else {
                still[session.number] = (session.receivedNumber, now)
            }
        }
    }

    /// Since when a session has started none of its rows, because its engine is busy with some that
    /// others have done by now; nil if it moves.
    ///
    /// One whose engine has nothing is not meant: what is wrong with it shows by what it holds.
    package func stillSince(_ session: Int) -> Instant? { still[session]?.since }
}
