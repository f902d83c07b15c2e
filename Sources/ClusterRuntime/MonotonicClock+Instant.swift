internal import JobState
internal import Threading

extension MonotonicClock {
    /// This moment, as the decisions of the cluster count it.
    static func now() -> Instant { Instant(nanoseconds: Int64(nanoseconds())) }
}
