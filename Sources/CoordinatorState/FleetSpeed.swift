package import JobState

/// Audio recorded over the last while, for the rate and the time left that people see.
///
/// The rate is that between results. What comes first was begun before: from a start to its first result a worker
/// computes what is not counted yet, and a rate from the start would be too low by that, in short jobs by a fifth.
package struct FleetSpeed: Sendable {
    private let window: Duration
    private let start: Instant
    /// When the first audio came, and how much came with it: that of a batch comes at one time.
    private var first: (at: Instant, audioMilliseconds: Int)?
    /// One entry a second that had any, oldest first.
    private var buckets: [(second: Int64, audioMilliseconds: Int)] = []

    /// What comes so soon after the first is of the same batches.
    private static let firstBatch = Duration.milliseconds(100)
    /// Too short a time gives a wild number.
    private static let elapsedMin = Duration.milliseconds(200)

    package init(window: Duration, at now: Instant) {
        self.window = window
        start = now
    }

    package mutating func add(audioMilliseconds: Int, at now: Instant) {
        let sum = first ?? (at: now, audioMilliseconds: 0)
        if now - sum.at < Self.firstBatch {
            first = (sum.at, sum.audioMilliseconds + audioMilliseconds)
        }
        let second = now.nanoseconds / 1_000_000_000
        if let last = buckets.last, last.second == second {
            buckets[buckets.count - 1].audioMilliseconds += audioMilliseconds
        } else {
            let oldest = second - window.wholeNanoseconds / 1_000_000_000
            buckets.removeAll { $0.second < oldest }
            buckets.append((second, audioMilliseconds))
        }
    }

    /// Audio milliseconds a second; 0 while unknown.
    package func speed(at now: Instant) -> Int {
        let second = now.nanoseconds / 1_000_000_000
        let oldest = second - window.wholeNanoseconds / 1_000_000_000
        let audio = buckets.reduce(0) { $1.second < oldest ? $0 : $0 + $1.audioMilliseconds }
        if let first, now - first.at < window, audio > first.audioMilliseconds {
            let since = now - first.at
            guard since >= Self.elapsedMin else { return 0 }
            return (audio - first.audioMilliseconds) * 1_000 / since.wholeMilliseconds
        }
        let elapsed = min(now - start, window)
        return elapsed < Self.elapsedMin ? 0 : audio * 1_000 / elapsed.wholeMilliseconds
    }
}
