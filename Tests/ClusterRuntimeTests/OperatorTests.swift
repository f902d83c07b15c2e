internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import JobOutput
internal import Processes
internal import Testing

@Suite("Operators of a running job") struct OperatorTests {
    private static let rows = StandIn.rows(120, [3: "engine"])
    private static let undisturbed = Result { try GuardedJob.undisturbed(rows) }

    /// A coordinator with two workers, and an operator's connection to it.
    private func start() throws -> (StandIn, RunningProcess, OperatorClient) {
        let job = try StandIn(rows: Self.rows)
        let coordinator = try job.coordinate(workers: 2, batchMilliseconds: 60)
        #expect(coordinator.wait { coordinator.children.count == 2 })
        let endpoint = try JobFolder.endpoint(ofOutput: job.output)
        return (job, coordinator, try OperatorClient(to: endpoint, security: .ipcOnly))
    }

    /// Waits until the coordinator's status is as `condition` wants it.
    private func wait(
        _ coordinator: RunningProcess, _ client: OperatorClient,
        until condition: (JobStatus) -> Bool
    ) -> Bool {
        coordinator.wait { (try? client.status()).flatMap { $0 }.map(condition) ?? false }
    }

    @Test("a paused job grants nothing until it is resumed, and its records are the same")
    func pauseAndResume() throws {
        let (job, coordinator, client) = try start()
        #expect(try client.obey(.pause)?.isDone == true)
        #expect(wait(coordinator, client) { $0.phase == .paused && $0.rowsLeased == 0 })
        let paused = try client.status()
        #expect(paused?.pauses == [.operator])
        #expect(paused.map { $0.rowsDone < $0.rowsTotal } == true)
        #expect(try client.obey(.resume)?.isDone == true)
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        #expect(job.outputText == (try Self.undisturbed.get()))
    }

    @Test("what cannot be done is answered with the reason")
    func refused() throws {
        let (job, coordinator, client) = try start()
        let commands: [(OperatorCommand, String)] = [
            (.retry(.row(7)), "no worker gave up row 7"),
            (.retry(.allQuarantined), "no row is quarantined"),
            (.drain(slot: "nowhere/0"), "no worker is in slot nowhere/0"),
        ]
        for (command, reason) in commands {
            let answer = try client.obey(command)
            #expect(answer?.isDone == false && answer?.sentence.contains(reason) == true)
        }
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        #expect(job.outputText == (try Self.undisturbed.get()))
    }

    @Test("a drained slot's worker ends in order, and the others do its rows")
    func drain() throws {
        let (job, coordinator, client) = try start()
        #expect(wait(coordinator, client) { $0.slots.count == 2 })
        let slot = try #require(try client.status()?.slots.first)
        #expect(try client.obey(.drain(slot: slot))?.isDone == true)
        #expect(wait(coordinator, client) { !$0.slots.contains(slot) })
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        #expect(job.outputText == (try Self.undisturbed.get()))
    }

    @Test("a cancelled job stops at once, and the same command finishes it")
    func cancel() throws {
        let (job, coordinator, client) = try start()
        #expect(wait(coordinator, client) { $0.rowsTranscribed > 0 })
        #expect(try client.obey(.cancel)?.isDone == true)
        #expect(coordinator.waitForEnd() == .exited(130), "\(coordinator.errors)")
        #expect(job.outputText == nil)
        #expect(try job.finish(workers: 2) == .exited(3))
        #expect(job.outputText == (try Self.undisturbed.get()))
    }
}
