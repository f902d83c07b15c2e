package import HTTPService
package import Threading

/// What a process says of its health: that it lives, and whether it can do its work.
package final class HealthReport: Sendable {
    /// Why the process is ready; nil before it is.
    private let readiness = Guarded<String?>(nil)
    private let work: WorkMeter

    /// - Parameter work: what takes long, during which a process is not ready.
    package init(work: WorkMeter = .shared) {
        self.work = work
    }

    /// The process can do its work from now on, unless something long keeps it from that.
    package func becomeReady(_ sentence: String) {
        readiness.withLock { $0 = sentence }
    }

    /// The answer to a request.
    package func reply(to request: HTTPRequest) -> HTTPReply {
        guard ["GET", "HEAD"].contains(request.method) else {
            return HTTPReply(405, "only GET is answered here\n")
        }
        switch request.path {
        case "/healthz": return HTTPReply(200, "ok\n")
        case "/readyz":
            if let reading = work.reading { return HTTPReply(503, "not ready: \(reading.name)\n") }
            guard let sentence = readiness.withLock({ $0 }) else {
                return HTTPReply(503, "not ready: starting\n")
            }
            return HTTPReply(200, "ready: \(sentence)\n")
        default: return HTTPReply(404, "ask for /healthz or /readyz\n")
        }
    }
}
