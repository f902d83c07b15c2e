internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Help for the slow")
struct TailTests {
    /// A harness where `a` holds all rows and `b` has nothing to do.
    private func harness(rows: Int) throws -> (harness: CoordinatorHarness, a: Int, b: Int) {
        var harness = CoordinatorHarness(rows: rows)
        let a = try harness.joined(Samples.identity(slot: "a/0"), from: "a")
        harness.turn()
        let b = try harness.joined(Samples.identity(slot: "b/0", instance: 2), from: "b")
        return (harness, a, b)
    }

    private func revoked(_ harness: CoordinatorHarness) -> [LeaseRows] {
        harness.said.compactMap { if case .revoke(let rows) = $0.message { rows } else { nil } }
    }

    private func dismissed(_ harness: CoordinatorHarness) -> [LeaseRows] {
        harness.said.compactMap { if case .dismiss(let rows) = $0.message { rows } else { nil } }
    }

    @Test("an idle worker gets unstarted rows of the one that will end last, and only those")
    func steal() throws {
        var (harness, a, _) = try harness(rows: 12)
        let asked = revoked(harness)
        let ordinals = Set(asked.flatMap(\.ordinals))
        // As fast as the other, so half of the work.
        #expect(asked.allSatisfy { $0.session == a } && ordinals.count == 6)
        #expect(!ordinals.contains(0))
        #expect(harness.grants(for: "b").isEmpty)
        for (index, rows) in asked.enumerated() {
            harness.send(
                .release(
                    Release(
                        session: a, number: index + 1, lease: rows.lease, ordinals: rows.ordinals,
                        reason: .revoked)), from: "a")
        }
        harness.turn()
        #expect(Set(harness.grants(for: "b").flatMap(\.ordinals)) == ordinals)
        #expect(harness.coordinator.hardState.histories.isEmpty)
        #expect(harness.coordinator.contradictions().isEmpty)
    }

    @Test("few rows behind a late one are done elsewhere, however little work they look like")
    func rowsBehindALateOne() throws {
        var harness = CoordinatorHarness(rows: 8, rowMilliseconds: 100)
        let a = try harness.joined(Samples.identity(slot: "a/0"), from: "a")
        harness.turn()
        let b = try harness.joined(Samples.identity(slot: "b/0", instance: 2), from: "b")
        harness.send(.started(Started(session: a, ordinals: [0])), from: "a")
        harness.turn()
        #expect(revoked(harness).isEmpty, "80 ms of work are not worth a message")
        // The engine of a never ends row 0, which b does; nothing of the rest is in an engine.
        for second in 1...30 {
            harness.now = harness.now + .seconds(1)
            let isDone = harness.outcome(0) != nil
            beat(&harness, a, "a", second, [1], inEngine: [0])
            beat(&harness, b, "b", second, [], inEngine: [])
            harness.turn()
            if !isDone, harness.grants(for: "b").contains(where: { $0.ordinals == [0] }) {
                harness.finish([0], number: 1, session: b, from: "b")
                harness.turn()
            }
        }
        #expect(harness.outcome(0)?.slot == "b/0")
        let asked = revoked(harness).flatMap(\.ordinals)
        let copied = harness.grants(for: "b").flatMap(\.ordinals)
        #expect(Set(asked + copied).isSuperset(of: 1..<8))
        #expect(harness.coordinator.contradictions().isEmpty)
    }

    @Test("a late row is leased once more, alone; the first outcome stands, the other is dismissed")
    func copy() throws {
        var (harness, a, b) = try harness(rows: 1)
        harness.send(.started(Started(session: a, ordinals: [0])), from: "a")
        beat(&harness, a, "a", 1, [1], inEngine: [0])
        harness.turn()
        #expect(harness.grants(for: "b").isEmpty)
        harness.now = harness.now + .seconds(11)
        beat(&harness, b, "b", 1, [], inEngine: [])
        harness.turn()
        let copy = try #require(harness.grants(for: "b").first)
        #expect(copy.isAlone && copy.ordinals == [0])
        #expect(harness.coordinator.contradictions().isEmpty)
        #expect(harness.coordinator.status(at: harness.now).rowsLeased == 1)
        harness.finish([0], number: 1, session: b, from: "b")
        harness.turn()
        #expect(harness.outcome(0)?.slot == "b/0")
        #expect(dismissed(harness) == [LeaseRows(session: a, lease: 1, ordinals: [0])])
        #expect(harness.coordinator.hardState.openLeases.isEmpty)
    }

    @Test(
        "a row whose first worker is lost is the copy's alone, and a lost copy changes nothing",
        arguments: ["a", "b"])
    func lossOfOne(lost: String) throws {
        var (harness, a, b) = try harness(rows: 1)
        harness.send(.started(Started(session: a, ordinals: [0])), from: "a")
        harness.now = harness.now + .seconds(11)
        beat(&harness, b, "b", 1, [], inEngine: [])
        beat(&harness, a, "a", 1, [1], inEngine: [0])
        harness.turn()
        let copy = try #require(harness.grants(for: "b").first)
        harness.send(.started(Started(session: b, ordinals: [0])), from: "b")
        harness.handle(.workerExited(slot: "\(lost)/0", instance: nil, .killed))
        harness.turn()
        #expect(harness.coordinator.contradictions().isEmpty)
        let open = harness.coordinator.hardState.openLeases
        #expect(open.map(\.lease) == (lost == "a" ? [copy.lease] : [1]))
        let history = try #require(harness.coordinator.hardState.histories.first)
        #expect(history.lossesInCompany.count == (lost == "a" ? 1 : 0))
        #expect(history.lossesAlone.count == (lost == "a" ? 0 : 1))
        let (session, peer) = lost == "a" ? (b, "b") : (a, "a")
        harness.finish([0], number: 1, session: session, from: peer)
        harness.turn()
        #expect(harness.outcome(0)?.status == .transcribed)
        #expect(harness.isFinished)
    }

    private func beat(
        _ harness: inout CoordinatorHarness, _ session: Int, _ peer: String, _ number: Int,
        _ leases: [Int], inEngine: [Int]
    ) {
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        harness.send(
            .heartbeat(
                Heartbeat(
                    session: session, number: number, leases: leases, inEngine: inEngine,
                    progressAgeMilliseconds: 0, isWaitingForWindow: false, credit: credit)),
            from: peer)
    }
}
