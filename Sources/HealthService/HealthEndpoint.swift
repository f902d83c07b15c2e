package import Logging
package import Processes

/// A process's health, and the address at which it tells.
package final class HealthEndpoint: Sendable {
    private let report: HealthReport
    private let listener: HTTPListener

    /// Answers from now on, as long as it is kept: not ready yet.
    ///
    /// - Throws: if the address cannot be had.
    package init(_ address: HTTPAddress, logger: Logger) throws(RuntimeError) {
        let report = HealthReport()
        self.report = report
        listener = try HTTPListener(address) { report.reply(to: $0) }
        logger.notice(
            "answering http://\(listener.address)/readyz",
            metadata: ["address": "\(listener.address)"])
    }

    /// See ``HealthReport/becomeReady(_:)``.
    package func becomeReady(_ sentence: String) { report.becomeReady(sentence) }
}
