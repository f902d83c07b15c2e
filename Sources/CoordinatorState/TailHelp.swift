package import JobState

/// What the help for slow workers at the end of a job remembers.
package struct TailHelp: Sendable {
    /// How much longer than predicted rows take.
    package var lateness = Lateness()
    /// When idle sessions were given rows of others last.
    private var begunAt: Instant?

    package init() {}

    /// Looking for rows to give is work, so it is done only so often.
    package func isDue(at now: Instant, interval: Duration) -> Bool {
        begunAt.map { now - $0 >= interval } ?? true
    }

    package mutating func begin(at now: Instant) { begunAt = now }
}
