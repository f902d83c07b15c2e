internal import ClusterProtocol
internal import Coordination
internal import Testing

@Suite("Peers whose keys were taken back")
struct ForbiddenPeerTests {
    @Test("a forbidden peer's session ends, and its rows go to others without blame")
    func sessionEnds() throws {
        var desk = CoordinatorDesk(rows: 4)
        let session = try desk.joined(Samples.identity(slot: "a/0"), from: "a")
        let ordinals = try #require(desk.grants.last).grant.ordinals
        desk.send(.started(Started(session: session, ordinals: ordinals)), from: "a")
        desk.handle(.forbidden(CoordinatorDesk.peer("a")))
        desk.turn()
        guard
            case .rejected(let refusal)? = desk.said.last(where: {
                $0.peer == CoordinatorDesk.peer("a")
            })?
            .message
        else {
            Issue.record("nothing was said")
            return
        }
        #expect(refusal.code == .forbidden)
        #expect(refusal.retryMilliseconds == nil)
        #expect(desk.coordinator.status(at: desk.now).workers == 0)
        #expect(desk.coordinator.status(at: desk.now).workersLost == 0)
        // The same connection has no session any more.
        desk.send(.started(Started(session: session, ordinals: ordinals)), from: "a")
        #expect(desk.said.last?.message == .unknownSession)
        // Nobody is a suspect: others get all rows in one lease.
        _ = try desk.joined(Samples.identity(slot: "b/0", instance: 2), from: "b")
        #expect(desk.grants.last?.grant.ordinals.sorted() == ordinals.sorted())
        #expect(desk.grants.last?.grant.isAlone == false)
    }

    @Test("a forbidden peer without a session is told, and others notice nothing")
    func stranger() throws {
        var desk = CoordinatorDesk(rows: 4)
        _ = try desk.joined(Samples.identity(slot: "a/0"), from: "a")
        desk.handle(.forbidden(CoordinatorDesk.peer("x")))
        #expect(desk.said.last?.peer == CoordinatorDesk.peer("x"))
        #expect(desk.coordinator.status(at: desk.now).workers == 1)
    }
}
