internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("What operators ask for")
struct OperatorTests {
    /// A desk where row 0 was quarantined and row 1 rejected; two workers.
    private func desk() throws -> (desk: CoordinatorDesk, sessions: [Int]) {
        var desk = CoordinatorDesk(rows: 6)
        let a = try desk.joined(Samples.identity(slot: "a/0"), from: "a", asks: false)
        let b = try desk.joined(Samples.identity(slot: "b/0", instance: 2), from: "b", asks: false)
        return (desk, [a, b])
    }

    private func ask(_ desk: inout CoordinatorDesk, _ session: Int, _ peer: String) {
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        desk.send(.requestWork(RequestWork(session: session, credit: credit)), from: peer)
        desk.turn()
    }

    @Test("a paused job grants nothing, and a pause outlives the coordinator")
    func pause() throws {
        var (desk, sessions) = try desk()
        #expect(try desk.command(.pause).isDone)
        ask(&desk, sessions[0], "a")
        #expect(desk.grants.isEmpty)
        #expect(desk.coordinator.status(at: desk.now).phase == .paused)
        #expect(desk.coordinator.hardState.pauses == [.operator])
        var later = CoordinatorDesk(rows: 6, replay: desk.coordinator.hardState)
        let session = try later.joined(Samples.identity(slot: "c/0", instance: 3), from: "c")
        #expect(later.grants.isEmpty)
        #expect(try later.command(.resume).isDone)
        #expect(Set(later.grants.map(\.grant.session)) == [session])
    }

    @Test("the time left does not count a pause as time at work")
    func speedAfterPause() throws {
        var (desk, sessions) = try desk()
        ask(&desk, sessions[0], "a")
        #expect(try desk.command(.pause).isDone)
        desk.turn(after: .seconds(10))
        #expect(try desk.command(.resume).isDone)
        ask(&desk, sessions[0], "a")
        let lease = try #require(desk.grants.first { $0.grant.session == sessions[0] }?.grant)
        desk.now = desk.now + .seconds(9)
        desk.finish([lease.ordinals[0]], number: 1, session: sessions[0], from: "a")
        let speed = desk.coordinator.status(at: desk.now).speedMilli
        #expect((900...1_000).contains(speed), "9 s of audio in 9 s, and a turn or two: \(speed)")
    }

    @Test("a full disk pauses the job until there is room, whatever operators say")
    func noSpace() throws {
        var (desk, sessions) = try desk()
        desk.handle(.space(isShort: true))
        ask(&desk, sessions[0], "a")
        #expect(try desk.command(.resume).sentence.contains("no_space"))
        #expect(desk.grants.isEmpty)
        desk.handle(.space(isShort: false))
        desk.turn()
        #expect(!desk.grants.isEmpty)
        #expect(desk.coordinator.status(at: desk.now).phase == .running)
    }

    @Test("a row that was given up is tried again on demand, with its budget full")
    func retry() throws {
        var (desk, sessions) = try desk()
        ask(&desk, sessions[0], "a")
        ask(&desk, sessions[1], "b")
        let lease = try #require(desk.grants.first { $0.grant.ordinals.contains(0) }?.grant)
        let peer = lease.session == sessions[0] ? "a" : "b"
        let other = lease.session == sessions[0] ? "b" : "a"
        let otherSession = lease.session == sessions[0] ? sessions[1] : sessions[0]
        #expect(try !desk.command(.retry(.row(0))).isDone)
        desk.fail(
            0, .input, .audioNotFound, number: 1, lease: lease.lease, session: lease.session,
            from: peer)
        let second = try #require(desk.grants(for: other).last)
        #expect(second.ordinals.contains(0))
        desk.fail(
            0, .input, .audioNotFound, number: 1, lease: second.lease, session: otherSession,
            from: other)
        #expect(desk.outcome(0)?.status == .rejected)
        #expect(try !desk.command(.retry(.allQuarantined)).isDone)
        #expect(try desk.command(.retry(.row(0))).isDone)
        #expect(desk.outcome(0) == nil)
        #expect(desk.coordinator.hardState.troubles.isEmpty)
        #expect(desk.coordinator.contradictions().isEmpty)
        #expect(desk.grants.suffix(1).allSatisfy { $0.grant.ordinals == [0] })
        #expect(try !desk.command(.retry(.row(3))).isDone)
        #expect(try !desk.command(.retry(.row(99))).isDone)
    }

    @Test("a drained slot gets nothing, and no worker of it is welcome before resume")
    func drain() throws {
        var (desk, sessions) = try desk()
        #expect(try !desk.command(.drain(slot: "z/0")).isDone)
        #expect(try desk.command(.drain(slot: "a/0")).isDone)
        #expect(
            desk.said.contains {
                $0.message == .drain(session: sessions[0]) && $0.peer == CoordinatorDesk.peer("a")
            })
        ask(&desk, sessions[0], "a")
        #expect(desk.grants(for: "a").isEmpty)
        desk.send(.goodbye(Goodbye(session: sessions[0], reason: .drained)), from: "a")
        #expect(desk.join(Samples.identity(slot: "a/0", instance: 5), from: "a2") == nil)
        #expect(desk.rejections(for: "a2").map(\.code) == [.drained])
        #expect(try desk.command(.resume).isDone)
        #expect(desk.join(Samples.identity(slot: "a/0", instance: 5), from: "a2") != nil)
    }

    @Test("a cancelled job stops at once, blames nobody and can go on another time")
    func cancel() throws {
        var (desk, sessions) = try desk()
        ask(&desk, sessions[0], "a")
        desk.send(.started(Started(session: sessions[0], ordinals: [0])), from: "a")
        #expect(try desk.command(.cancel).isDone)
        #expect(desk.rejections(for: "a").map(\.code) == [.cancelled])
        #expect(desk.rejections(for: "b").map(\.code) == [.cancelled])
        #expect(desk.stop == .cancelled)
        #expect(desk.coordinator.hardState.troubles.isEmpty)
        #expect(desk.coordinator.hardState.openLeases.isEmpty)
    }
}
