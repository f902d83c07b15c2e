package import JobState

/// Audio recorded over the last while, for the rate and the time left that people see.
package struct FleetSpeed: Sendable {
    private let window: Duration
    private let start: Instant
    /// One entry a second that had any, oldest first.
    private var buckets: [(second: Int64, audioMilliseconds: Int)] = []

    package init(window: Duration, at now: Instant) {
        self.window = window
        start = now
    }

    package mutating func add(audioMilliseconds: Int, at now: Instant) {
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
        let elapsed = min(now - start, window).wholeMilliseconds
        // Too short a time gives a wild number.
        return elapsed < 200 ? 0 : audio * 1_000 / elapsed
    }
}
