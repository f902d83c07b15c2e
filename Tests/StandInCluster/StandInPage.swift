internal import ClusterRuntime
internal import HTTPService
internal import HealthService
internal import JobDashboard
internal import Logging
internal import Processes

/// The page, the metrics and the API of a stand-in's job, as `--http` of the program has them.
enum StandInPage {
    /// Answers at `address` for as long as the result is kept; the plan tells it what happens.
    static func serve(_ address: String, _ plan: inout JobPlan) throws -> HealthEndpoint {
        guard let address = HTTPAddress(address) else {
            throw RuntimeError(.usage, "\(address) is no address")
        }
        let board = StatusBoard()
        let start = MetricsText.Process.wallSeconds()
        let dashboard = JobDashboard(
            board, try HTTPAccess(address, tokenFile: nil), JobDashboard.Job(title: "stand-in"),
            processNumbers: { .now(version: "stand-in", startSeconds: start) },
            wallSeconds: { MetricsText.Process.wallSeconds() })
        let endpoint = try HealthEndpoint(
            address, logger: .silent, pages: { dashboard.answer(to: $0) })
        plan.onStatus = { status, workers in
            board.post(status, workers)
            endpoint.becomeReady("the coordinator listens")
        }
        plan.onCommit = { board.committed($0, nanoseconds: $1) }
        return endpoint
    }
}
