internal import ClusterProtocol
internal import Coordination

/// How fast one peer may send: so many messages at once, and so many a second after that.
struct MessageRate {
    private var tokens: Double
    private(set) var last: Instant
    private var isOver = false

    /// What becomes of a message.
    enum Verdict {
        case taken
        /// Too many: dropped, and a fault of the peer.
        case fault
        /// Dropped, of the same burst as the last fault.
        case dropped
    }

    init(_ limits: ClusterLimits, at now: Instant) {
        tokens = Double(limits.messagesBurstMax)
        last = now
    }

    mutating func take(_ limits: ClusterLimits, at now: Instant) -> Verdict {
        let seconds = Double((now - last).wholeNanoseconds) / 1e9
        last = now
        tokens = min(
            Double(limits.messagesBurstMax),
            tokens + seconds * Double(limits.messagesPerSecondMax))
        guard tokens >= 1 else {
            defer { isOver = true }
            return isOver ? .dropped : .fault
        }
        tokens -= 1
        isOver = false
        return .taken
    }
}
