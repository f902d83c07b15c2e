internal import ClusterProtocol
internal import ClusterRuntime
internal import Foundation
internal import Glibc
internal import Processes
internal import Testing

@Suite("A long row among real workers") struct SharedRowTests {
    /// Two hours, and some seconds besides.
    private static let rows =
        ["{\"audio_filepath\":\"long.wav\",\"duration\":7200}"]
        + (0..<6).map { "{\"audio_filepath\":\"clip-\($0).wav\",\"duration\":10}" }

    /// An hour takes three seconds, and each worker waits in its second span until `gate` is there.
    private static func settings(_ gate: String) -> [String: String] {
        ["STANDIN_SPEED": "1200", "STANDIN_GATE": gate].merging(StandIn.impatient) { $1 }
    }

    /// The record of the row when one worker computes it.
    private static let wholeOutput = Result {
        let job = try StandIn(rows: rows)
        let coordinator = try job.coordinate(workers: 1, settings: ["STANDIN_SPEED": "100000"])
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        return try #require(job.outputText)
    }

    /// Waits until three workers compute parts of the one row.
    private func waitUntilShared(_ coordinator: RunningProcess, _ job: StandIn) -> Bool {
        coordinator.wait {
            guard let status = job.status else { return false }
            return status.rowsTranscribed == 0 && status.workersComputing == 3
                && status.audioMillisecondsDone > 0
        }
    }

    @Test("is computed by all of them, and ends as it does with one, though one of them is killed")
    func killedWorker() throws {
        let job = try StandIn(rows: Self.rows)
        let coordinator = try job.coordinate(
            workers: 3, settings: Self.settings("\(job.folder)/gate"))
        #expect(waitUntilShared(coordinator, job))
        let victim = try #require(coordinator.children.first)
        #expect(kill(victim, SIGKILL) == 0)
        try Data().write(to: URL(fileURLWithPath: "\(job.folder)/gate"))
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(job.outputText == (try Self.wholeOutput.get()))
    }

    @Test("is begun again where the coordinator is killed, and ends as it does with one")
    func killedCoordinator() throws {
        let job = try StandIn(rows: Self.rows)
        let settings = Self.settings("\(job.folder)/gate")
        let first = try job.coordinate(workers: 3, settings: settings)
        #expect(waitUntilShared(first, job))
        first.send(SIGKILL)
        try Data().write(to: URL(fileURLWithPath: "\(job.folder)/gate"))
        _ = first.waitForEnd()
        let second = try job.coordinate(workers: 3, settings: settings)
        #expect(second.waitForEnd() == .exited(0), "\(second.errors)")
        #expect(job.outputText == (try Self.wholeOutput.get()))
    }

    @Test("is whole where workers are of an earlier release")
    func olderWorkers() throws {
        let job = try StandIn(rows: Self.rows)
        let coordinator = try job.coordinate(
            workers: 2, settings: ["STANDIN_SPEED": "100000", "STANDIN_WHOLE": "1"])
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(job.outputText == (try Self.wholeOutput.get()))
    }
}
