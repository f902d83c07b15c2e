package import ClusterProtocol
package import ClusterSecurity
package import Processes
internal import Threading
internal import ZeroMQ

/// An operator's or observer's connection to a coordinator.
///
/// Stays on the thread that made it.
package final class OperatorClient {
    private let endpoint: String
    private let security: ConnectSecurity
    private let context: Context
    private let curve: CurveRole?
    private var socket: Socket
    private var monitor: ConnectionMonitor

    /// - Parameter endpoint: `tcp://HOST:PORT` or `ipc://PATH`.
    package init(to endpoint: String, security: ConnectSecurity) throws(RuntimeError) {
        self.endpoint = endpoint
        self.security = security
        curve = try security.curve(for: endpoint)
        context = try Context.ofService()
        do throws(ZeroMQError) {
            (socket, monitor) = try Self.connect(to: endpoint, curve, in: context)
        } catch {
            throw Self.runtimeError(error)
        }
    }

    private static func connect(
        to endpoint: String, _ curve: CurveRole?, in context: Context
    ) throws(ZeroMQError) -> (Socket, ConnectionMonitor) {
        let socket = try Socket(.dealer, in: context, curve: curve)
        let monitor = try ConnectionMonitor(of: socket, in: context)
        try socket.connect(endpoint)
        return (socket, monitor)
    }

    /// The coordinator's view of its job; nil if no answer came in time.
    package func status(withinMilliseconds: Int = 3_000) throws(RuntimeError) -> JobStatus? {
        try ask(.statusRequest, role: .observer, withinMilliseconds) { answer in
            if case .statusReply(let status) = answer { status } else { nil as JobStatus? }
        }
    }

    /// What the coordinator did about a command; nil if no answer came in time, though it may have
    /// obeyed.
    package func obey(
        _ command: OperatorCommand, withinMilliseconds: Int = 10_000
    ) throws(RuntimeError) -> OperatorAnswer? {
        try ask(.command(command), role: .operator, withinMilliseconds) { answer in
            if case .commandReply(let answer) = answer { answer } else { nil as OperatorAnswer? }
        }
    }

    /// Sends a request once there is a connection, and waits for what `pick` takes.
    private func ask<Answer>(
        _ request: ClusterMessage, role: PeerRole, _ withinMilliseconds: Int,
        pick: (ClusterMessage) -> Answer?
    ) throws(RuntimeError) -> Answer? {
        let deadline = MonotonicClock.milliseconds() + withinMilliseconds
        var hasAsked = false
        var hasFailed = false
        do {
            while true {
                if !hasAsked {
                    hasAsked = try socket.send(MessageCodec.encode(request)) == .queued
                }
                while case .message(_, let body)? = try socket.receive() {
                    guard let message = try? MessageCodec.decode(body) else { continue }
                    if let answer = pick(message) { return answer }
                    switch message {
                    case .coordinator(.refused(.forbidden)), .coordinator(.rejected):
                        throw refusal(role)
                    default: break
                    }
                }
                var isBroken = false
                while let change = try monitor.next() {
                    switch change {
                    case .connected, .disconnected: break
                    case .refused: throw refusal(role)
                    case .handshakeFailed: isBroken = true
                    }
                }
                if isBroken {
                    // It may have been the wrong key, or a coordinator that was too busy.
                    (hasAsked, hasFailed) = (false, true)
                    (socket, monitor) = try Self.connect(to: endpoint, curve, in: context)
                }
                let left = deadline - MonotonicClock.milliseconds()
                guard left > 0 else {
                    guard hasFailed, !hasAsked, !endpoint.hasPrefix("ipc:") else { return nil }
                    throw RuntimeError(.usage, security.handshakeAdvice(endpoint))
                }
                try Poller.wait(
                    for: [.socket(socket), .monitor(monitor)], milliseconds: min(left, 100))
            }
        } catch let error as RuntimeError {
            throw error
        } catch let error as ZeroMQError {
            throw Self.runtimeError(error)
        } catch {
            throw RuntimeError(.system, "\(error)")
        }
    }

    private func refusal(_ role: PeerRole) -> RuntimeError {
        RuntimeError(.usage, security.refusalAdvice(endpoint, role: role))
    }

    private static func runtimeError(_ error: ZeroMQError) -> RuntimeError {
        RuntimeError(error.code == .badAddress ? .usage : .system, error.description)
    }
}
