internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Help for the slow")
struct TailTests {
    /// A desk where `a` holds all rows and `b` has nothing to do.
    private func desk(rows: Int) throws -> (desk: CoordinatorDesk, a: Int, b: Int) {
        var desk = CoordinatorDesk(rows: rows)
        let a = try desk.joined(Samples.identity(slot: "a/0"), from: "a")
        desk.turn()
        let b = try desk.joined(Samples.identity(slot: "b/0", instance: 2), from: "b")
        return (desk, a, b)
    }

    private func revoked(_ desk: CoordinatorDesk) -> [LeaseRows] {
        desk.said.compactMap { if case .revoke(let rows) = $0.message { rows } else { nil } }
    }

    private func dismissed(_ desk: CoordinatorDesk) -> [LeaseRows] {
        desk.said.compactMap { if case .dismiss(let rows) = $0.message { rows } else { nil } }
    }

    @Test("an idle worker gets unstarted rows of the one that will end last, and only those")
    func steal() throws {
        var (desk, a, _) = try desk(rows: 12)
        let asked = revoked(desk)
        let ordinals = Set(asked.flatMap(\.ordinals))
        // As fast as the other, so half of the work.
        #expect(asked.allSatisfy { $0.session == a } && ordinals.count == 6)
        #expect(!ordinals.contains(0))
        #expect(desk.grants(for: "b").isEmpty)
        for (index, rows) in asked.enumerated() {
            desk.send(
                .release(
                    Release(
                        session: a, number: index + 1, lease: rows.lease, ordinals: rows.ordinals,
                        reason: .revoked)), from: "a")
        }
        desk.turn()
        #expect(Set(desk.grants(for: "b").flatMap(\.ordinals)) == ordinals)
        #expect(desk.coordinator.hardState.troubles.isEmpty)
        #expect(desk.coordinator.contradictions().isEmpty)
    }

    @Test("a late row is leased once more, alone; the first outcome stands, the other is dismissed")
    func copy() throws {
        var (desk, a, b) = try desk(rows: 1)
        desk.send(.started(Started(session: a, ordinals: [0])), from: "a")
        beat(&desk, a, "a", 1, [1], inEngine: [0])
        desk.turn()
        #expect(desk.grants(for: "b").isEmpty)
        desk.now = desk.now + .seconds(11)
        beat(&desk, b, "b", 1, [], inEngine: [])
        desk.turn()
        let copy = try #require(desk.grants(for: "b").first)
        #expect(copy.isAlone && copy.ordinals == [0])
        #expect(desk.coordinator.contradictions().isEmpty)
        #expect(desk.coordinator.status(at: desk.now).rowsLeased == 1)
        desk.finish([0], number: 1, session: b, from: "b")
        desk.turn()
        #expect(desk.outcome(0)?.slot == "b/0")
        #expect(dismissed(desk) == [LeaseRows(session: a, lease: 1, ordinals: [0])])
        #expect(desk.coordinator.hardState.openLeases.isEmpty)
    }

    @Test(
        "a row whose first worker is lost is the copy's alone, and a lost copy changes nothing",
        arguments: ["a", "b"])
    func lossOfOne(lost: String) throws {
        var (desk, a, b) = try desk(rows: 1)
        desk.send(.started(Started(session: a, ordinals: [0])), from: "a")
        desk.now = desk.now + .seconds(11)
        beat(&desk, b, "b", 1, [], inEngine: [])
        beat(&desk, a, "a", 1, [1], inEngine: [0])
        desk.turn()
        let copy = try #require(desk.grants(for: "b").first)
        desk.send(.started(Started(session: b, ordinals: [0])), from: "b")
        desk.handle(.workerExited(slot: "\(lost)/0", instance: nil, .killed))
        desk.turn()
        #expect(desk.coordinator.contradictions().isEmpty)
        let open = desk.coordinator.hardState.openLeases
        #expect(open.map(\.lease) == (lost == "a" ? [copy.lease] : [1]))
        let trouble = try #require(desk.coordinator.hardState.troubles.first)
        #expect(trouble.lossesInCompany.count == (lost == "a" ? 1 : 0))
        #expect(trouble.lossesAlone.count == (lost == "a" ? 0 : 1))
        let (session, peer) = lost == "a" ? (b, "b") : (a, "a")
        desk.finish([0], number: 1, session: session, from: peer)
        desk.turn()
        #expect(desk.outcome(0)?.status == .transcribed)
        #expect(desk.isFinished)
    }

    private func beat(
        _ desk: inout CoordinatorDesk, _ session: Int, _ peer: String, _ number: Int,
        _ leases: [Int], inEngine: [Int]
    ) {
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        desk.send(
            .heartbeat(
                Heartbeat(
                    session: session, number: number, leases: leases, inEngine: inEngine,
                    progressAgeMilliseconds: 0, isWaitingForWindow: false, credit: credit)),
            from: peer)
    }
}
