package import ClusterProtocol
internal import ZeroMQ

/// Asks a coordinator how its job is going.
package enum StatusClient {
    /// The coordinator's answer; nil if none came in time.
    package static func status(
        of endpoint: String, withinMilliseconds: Int = 3_000
    ) throws(RuntimeError) -> JobStatus? {
        do throws(ZeroMQError) {
            return try ask(endpoint, withinMilliseconds)
        } catch {
            throw RuntimeError(error.code == .badAddress ? .usage : .system, error.description)
        }
    }

    private static func ask(
        _ endpoint: String, _ withinMilliseconds: Int
    ) throws(ZeroMQError) -> JobStatus? {
        let context = try Context()
        let socket = try Socket(.dealer, in: context)
        let monitor = try ConnectionMonitor(of: socket, in: context)
        try socket.connect(endpoint)
        let deadline = MonotonicClock.milliseconds() + withinMilliseconds
        var hasAsked = false
        while true {
            if !hasAsked {
                hasAsked = try socket.send(MessageCodec.encode(.statusRequest)) == .queued
            }
            if case .message(_, let body)? = try socket.receive(),
                case .statusReply(let status)? = try? MessageCodec.decode(body)
            {
                return status
            }
            let left = deadline - MonotonicClock.milliseconds()
            guard left > 0 else { return nil }
            try Poller.wait(
                for: [.socket(socket), .monitor(monitor)], milliseconds: min(left, 100))
            while try monitor.next() != nil {}
        }
    }
}
