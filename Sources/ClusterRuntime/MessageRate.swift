internal import ClusterProtocol
internal import JobState

/// How fast messages of one peer are taken: so many at once, and so many a second after that.
///
/// What is beyond is dropped, which the protocol bears: the peer sends again what matters, and later.
/// A peer that is too fast is slowed down so, and never turned away for it.
struct MessageRate {
    private var tokens: Double
    private(set) var last: Instant
    private var isKnownAsFast = false

    /// What becomes of a message.
    enum Verdict {
        case taken
        /// One of too many; whether it is the peer's first.
        case dropped(isFirst: Bool)
    }

    init(_ limits: ClusterLimits, at now: Instant) {
        tokens = Double(limits.messagesBurstMax)
        last = now
    }

    /// Whether a message that comes now is within the pace.
    mutating func admit(_ limits: ClusterLimits, at now: Instant) -> Verdict {
        let seconds = Double((now - last).wholeNanoseconds) / 1e9
        last = now
        tokens = min(
            Double(limits.messagesBurstMax),
            tokens + seconds * Double(limits.messagesPerSecondMax))
        guard tokens >= 1 else {
            defer { isKnownAsFast = true }
            return .dropped(isFirst: !isKnownAsFast)
        }
        tokens -= 1
        return .taken
    }
}
