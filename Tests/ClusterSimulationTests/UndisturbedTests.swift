internal import ClusterProtocol
internal import ClusterSimulation
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("The same outcomes as undisturbed")
struct UndisturbedTests {
    private let input = SimulatedInput(
        behaviors: [.good, .missing, .missingOnHost(0)], audioMilliseconds: [1, 1, 1])

    private func transcribed(_ ordinal: Int, _ record: String) -> RowOutcome {
        RowOutcome(
            ordinal: ordinal, rowDigest: input.rowDigest(of: ordinal), status: .transcribed,
            record: Array(record.utf8))
    }

    private func failed(_ ordinal: Int, _ code: FailureCode) -> RowOutcome {
        RowOutcome(
            ordinal: ordinal, rowDigest: input.rowDigest(of: ordinal), status: code.status,
            code: code)
    }

    private func differences(_ outcomes: [RowOutcome?]) -> Int {
        let undisturbed = [
            transcribed(0, "so"), failed(1, .audioNotFound), transcribed(2, "and"),
        ]
        return Undisturbed.differences(
            in: input, of: { outcomes[$0] }, from: { undisturbed[$0] }
        ).count
    }

    @Test("another record, another code, another kind of outcome and none at all are differences")
    func differences() {
        let same = [transcribed(0, "so"), failed(1, .audioNotFound), transcribed(2, "and")]
        #expect(differences(same) == 0)
        #expect(differences([transcribed(0, "no"), same[1], same[2]]) == 1)
        #expect(differences([same[0], failed(1, .audioDamaged), same[2]]) == 1)
        #expect(differences([failed(0, .audioDamaged), same[1], same[2]]) == 1)
        #expect(differences([same[0], transcribed(1, "so"), same[2]]) == 1)
        #expect(differences([same[0], same[1], nil]) == 1)
    }

    @Test("a row that fails in one place only may be given up, but has one record")
    func placeDependent() {
        let same = [transcribed(0, "so"), failed(1, .audioNotFound)]
        #expect(differences(same + [failed(2, .audioNotFound)]) == 0)
        #expect(differences(same + [transcribed(2, "or")]) == 1)
    }

    @Test(
        "a coordinator that stands still for longer than its sessions and leases last loses nothing"
    )
    func frozenCoordinator() {
        var world = SimulatedCluster.World()
        world.seed = 5
        world.hosts = [0, 0, 1]
        world.speeds = [1_000, 1_000, 1_000]
        world.eventsPerTurnMax = 2
        world.input = SimulatedInput(
            behaviors: (0..<60).map { _ in .good },
            audioMilliseconds: (0..<60).map { 2_000 + $0 * 10 })
        world.faults.faults = [(5_000, .pauseCoordinator(milliseconds: 300_000))]
        world.faults.endMilliseconds = 400_000
        var cluster = SimulatedCluster(world)
        cluster.run(until: .seconds(2_000))
        #expect(cluster.violations.isEmpty && cluster.isFinished)
        #expect(cluster.now > Instant(nanoseconds: 305_000_000_000), "it was still at work then")
        #expect(!cluster.notes.contains { $0.kind == .workerLost || $0.kind == .rowSuspected })
        #expect(cluster.status.map(\.rowsRetried) == 0)
    }
}
