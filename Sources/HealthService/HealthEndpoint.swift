package import HTTPService
package import Logging
package import Processes

/// A process's health, and the address at which it tells.
package final class HealthEndpoint: Sendable {
    private let report: HealthReport
    private let listener: HTTPListener

    /// Answers from now on, as long as it is kept: not ready yet.
    ///
    /// - Parameter pages: the answer to requests for what else the process shows; nil for a path that is none
    ///   of it. Called on the listener's thread.
    /// - Throws: if the address cannot be had.
    package init(
        _ address: HTTPAddress, logger: Logger,
        pages: @escaping @Sendable (HTTPRequest) -> HTTPAnswer? = { _ in nil }
    ) throws(RuntimeError) {
        let report = HealthReport()
        self.report = report
        listener = try HTTPListener(address) { pages($0) ?? .reply(report.reply(to: $0)) }
        logger.notice(
            "answering http://\(listener.address)/readyz",
            metadata: ["address": "\(listener.address)"])
    }

    /// See ``HealthReport/becomeReady(_:)``.
    package func becomeReady(_ sentence: String) { report.becomeReady(sentence) }
}
