/// The time of a loop: a monotonic clock without the loop's own pauses.
///
/// A process that was stopped, whose machine stood still, or that hung on a terminal or a file system,
/// has heard nobody in that time, which says nothing about the others. So that time does not exist for
/// it: whoever was heard before the pause counts as heard just as long ago after it, and what arrived
/// meanwhile is read before anybody's time is over.
package struct LoopClock: Sendable {
    /// The time of the last look, as the monotonic clock had it.
    private var reading: Instant?
    /// What was left out so far.
    package private(set) var pauses: Duration = .zero

    /// A loop that runs looks at its clock more often than this; the rest of a longer time is a pause.
    private let stepMax: Duration

    /// - Parameter heartbeat: what the loop has to do more often than in this time; a pause counts as a
    ///   part of it.
    package init(heartbeat: Duration) {
        stepMax = heartbeat * 2 / 5
    }

    /// The loop's time when the monotonic clock shows `reading`.
    package mutating func now(_ reading: Instant) -> Instant {
        let last = self.reading ?? reading
        self.reading = max(last, reading)
        let step = reading - last
        if step > stepMax { pauses += step - stepMax }
        return Instant(nanoseconds: max(last, reading).nanoseconds - pauses.wholeNanoseconds)
    }

    /// What the monotonic clock shows at `time` of the loop, if there is no pause before.
    package func reading(at time: Instant) -> Instant {
        guard time < .distantFuture else { return time }
        return time + pauses
    }
}
