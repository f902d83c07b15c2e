internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("What operators ask for")
struct OperatorTests {
    /// A harness where row 0 was quarantined and row 1 rejected; two workers.
    private func harness() throws -> (harness: CoordinatorHarness, sessions: [Int]) {
        var harness = CoordinatorHarness(rows: 6)
        let a = try harness.joined(Samples.identity(slot: "a/0"), from: "a", asks: false)
        let b = try harness.joined(
            Samples.identity(slot: "b/0", instance: 2), from: "b", asks: false)
        return (harness, [a, b])
    }

    private func ask(_ harness: inout CoordinatorHarness, _ session: Int, _ peer: String) {
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        harness.send(.requestWork(RequestWork(session: session, credit: credit)), from: peer)
        harness.turn()
    }

    @Test("a paused job grants nothing, and a pause outlives the coordinator")
    func pause() throws {
        var (harness, sessions) = try harness()
        #expect(try harness.command(.pause).isDone)
        ask(&harness, sessions[0], "a")
        #expect(harness.grants.isEmpty)
        #expect(harness.coordinator.status(at: harness.now).phase == .paused)
        #expect(harness.coordinator.hardState.pauses == [.operator])
        var later = CoordinatorHarness(rows: 6, replay: harness.coordinator.hardState)
        let session = try later.joined(Samples.identity(slot: "c/0", instance: 3), from: "c")
        #expect(later.grants.isEmpty)
        #expect(try later.command(.resume).isDone)
        #expect(Set(later.grants.map(\.grant.session)) == [session])
    }

    @Test("the time left does not count a pause as time at work")
    func speedAfterPause() throws {
        var (harness, sessions) = try harness()
        ask(&harness, sessions[0], "a")
        #expect(try harness.command(.pause).isDone)
        harness.turn(after: .seconds(10))
        #expect(try harness.command(.resume).isDone)
        ask(&harness, sessions[0], "a")
        let lease = try #require(harness.grants.first { $0.grant.session == sessions[0] }?.grant)
        harness.now = harness.now + .seconds(9)
        harness.finish([lease.ordinals[0]], number: 1, session: sessions[0], from: "a")
        let speed = harness.coordinator.status(at: harness.now).speedMilli
        #expect((900...1_000).contains(speed), "9 s of audio in 9 s, and a turn or two: \(speed)")
    }

    @Test("a full disk pauses the job until there is room, whatever operators say")
    func noSpace() throws {
        var (harness, sessions) = try harness()
        harness.handle(.space(isShort: true))
        ask(&harness, sessions[0], "a")
        #expect(try harness.command(.resume).sentence.contains("no_space"))
        #expect(harness.grants.isEmpty)
        harness.handle(.space(isShort: false))
        harness.turn()
        #expect(!harness.grants.isEmpty)
        #expect(harness.coordinator.status(at: harness.now).phase == .running)
    }

    @Test("a row that was given up is tried again on demand, with its budget full")
    func retry() throws {
        var (harness, sessions) = try harness()
        ask(&harness, sessions[0], "a")
        ask(&harness, sessions[1], "b")
        let lease = try #require(harness.grants.first { $0.grant.ordinals.contains(0) }?.grant)
        let peer = lease.session == sessions[0] ? "a" : "b"
        let other = lease.session == sessions[0] ? "b" : "a"
        let otherSession = lease.session == sessions[0] ? sessions[1] : sessions[0]
        #expect(try !harness.command(.retry(.row(0))).isDone)
        harness.fail(
            0, .input, .audioNotFound, number: 1, lease: lease.lease, session: lease.session,
            from: peer)
        let second = try #require(harness.grants(for: other).last)
        #expect(second.ordinals.contains(0))
        harness.fail(
            0, .input, .audioNotFound, number: 1, lease: second.lease, session: otherSession,
            from: other)
        #expect(harness.outcome(0)?.status == .rejected)
        #expect(try !harness.command(.retry(.allQuarantined)).isDone)
        #expect(try harness.command(.retry(.row(0))).isDone)
        #expect(harness.outcome(0) == nil)
        #expect(harness.coordinator.hardState.histories.isEmpty)
        #expect(harness.coordinator.contradictions().isEmpty)
        #expect(harness.grants.suffix(1).allSatisfy { $0.grant.ordinals == [0] })
        #expect(try !harness.command(.retry(.row(3))).isDone)
        #expect(try !harness.command(.retry(.row(99))).isDone)
    }

    @Test("a drained slot gets nothing, and no worker of it is welcome before resume")
    func drain() throws {
        var (harness, sessions) = try harness()
        #expect(try !harness.command(.drain(slot: "z/0")).isDone)
        #expect(try harness.command(.drain(slot: "a/0")).isDone)
        #expect(
            harness.said.contains {
                $0.message == .drain(session: sessions[0])
                    && $0.peer == CoordinatorHarness.peer("a")
            })
        ask(&harness, sessions[0], "a")
        #expect(harness.grants(for: "a").isEmpty)
        harness.send(.goodbye(Goodbye(session: sessions[0], reason: .drained)), from: "a")
        #expect(harness.join(Samples.identity(slot: "a/0", instance: 5), from: "a2") == nil)
        #expect(harness.rejections(for: "a2").map(\.code) == [.drained])
        #expect(try harness.command(.resume).isDone)
        #expect(harness.join(Samples.identity(slot: "a/0", instance: 5), from: "a2") != nil)
    }

    @Test("a cancelled job stops at once, blames nobody and can go on another time")
    func cancel() throws {
        var (harness, sessions) = try harness()
        ask(&harness, sessions[0], "a")
        harness.send(.started(Started(session: sessions[0], ordinals: [0])), from: "a")
        #expect(try harness.command(.cancel).isDone)
        #expect(harness.rejections(for: "a").map(\.code) == [.cancelled])
        #expect(harness.rejections(for: "b").map(\.code) == [.cancelled])
        #expect(harness.stop == .cancelled)
        #expect(harness.coordinator.hardState.histories.isEmpty)
        #expect(harness.coordinator.hardState.openLeases.isEmpty)
    }
}
