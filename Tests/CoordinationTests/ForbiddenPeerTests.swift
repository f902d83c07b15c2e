internal import ClusterProtocol
internal import Coordination
internal import Testing

@Suite("Peers whose keys were taken back")
struct ForbiddenPeerTests {
    @Test("a forbidden peer's session ends, and its rows go to others without blame")
    func sessionEnds() throws {
        var harness = CoordinatorHarness(rows: 4)
        let session = try harness.joined(Samples.identity(slot: "a/0"), from: "a")
        let ordinals = try #require(harness.grants.last).grant.ordinals
        harness.send(.started(Started(session: session, ordinals: ordinals)), from: "a")
        harness.handle(.forbidden(CoordinatorHarness.peer("a")))
        harness.turn()
        guard
            case .rejected(let refusal)? = harness.said.last(where: {
                $0.peer == CoordinatorHarness.peer("a")
            })?
            .message
        else {
            Issue.record("nothing was said")
            return
        }
        #expect(refusal.code == .forbidden)
        #expect(refusal.retryMilliseconds == nil)
        #expect(harness.coordinator.status(at: harness.now).workers == 0)
        #expect(harness.coordinator.status(at: harness.now).workersLost == 0)
        // The same connection has no session any more.
        harness.send(.started(Started(session: session, ordinals: ordinals)), from: "a")
        #expect(harness.said.last?.message == .unknownSession)
        // Nobody is a suspect: others get all rows in one lease.
        _ = try harness.joined(Samples.identity(slot: "b/0", instance: 2), from: "b")
        #expect(harness.grants.last?.grant.ordinals.sorted() == ordinals.sorted())
        #expect(harness.grants.last?.grant.isAlone == false)
    }

    @Test("a forbidden peer without a session is told, and others notice nothing")
    func stranger() throws {
        var harness = CoordinatorHarness(rows: 4)
        _ = try harness.joined(Samples.identity(slot: "a/0"), from: "a")
        harness.handle(.forbidden(CoordinatorHarness.peer("x")))
        #expect(harness.said.last?.peer == CoordinatorHarness.peer("x"))
        #expect(harness.coordinator.status(at: harness.now).workers == 1)
    }
}
