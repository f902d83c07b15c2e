internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("What a loss proves against a row that was alone")
struct EvidenceTests {
    /// How the worker with the row is lost.
    enum Loss: String, CaseIterable, Sendable {
        case fault
        case killed
        case superseded
        /// Superseded, and then it says goodbye.
        case replacedAlive
        case silence
        case thrown
    }

    /// A desk with one row that was lost in company once, and that waits to be alone.
    private func desk(otherRows: Int = 1) throws -> CoordinatorDesk {
        var desk = CoordinatorDesk(rows: 1 + otherRows)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "first")
        desk.send(.started(Started(session: session, ordinals: [0])), from: "first")
        desk.finish(Array(1...otherRows), number: 1, session: session, from: "first")
        desk.turn()
        desk.handle(.workerExited(slot: "h/0", instance: nil, .killed))
        return desk
    }

    /// A worker joins, gets the row alone if it may be tried now, and is lost with it.
    ///
    /// - Returns: whether it got the row.
    private func lose(_ desk: inout CoordinatorDesk, _ loss: Loss, instance: Int) throws -> Bool {
        let slot = "h/\(instance)"
        let peer = "worker \(instance)"
        let session = try desk.joined(Samples.identity(slot: slot, instance: instance), from: peer)
        guard let grant = desk.grants(for: peer).last else {
            desk.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer)
            return false
        }
        #expect(grant.isAlone && grant.ordinals == [0])
        desk.send(.started(Started(session: session, ordinals: [0])), from: peer)
        switch loss {
        case .fault: desk.handle(.workerExited(slot: slot, instance: nil, .fault))
        case .killed: desk.handle(.workerExited(slot: slot, instance: nil, .killed))
        case .thrown:
            desk.send(.goodbye(Goodbye(session: session, reason: .engine)), from: peer)
        case .superseded, .replacedAlive:
            let other = try desk.joined(
                Samples.identity(slot: slot, instance: 1_000 + instance), from: peer + "'",
                asks: false)
            desk.send(
                .heartbeat(
                    Heartbeat(
                        session: other, number: 1, leases: [], inEngine: [],
                        progressAgeMilliseconds: 0, isWaitingForWindow: false, credit: .none)),
                from: peer + "'")
            desk.send(.goodbye(Goodbye(session: other, reason: .drained)), from: peer + "'")
            // Nobody may say so for another.
            desk.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer + "'")
            // Nor does an engine that threw show that nobody died.
            desk.send(.goodbye(Goodbye(session: session, reason: .engine)), from: peer)
            guard loss == .replacedAlive else { break }
            desk.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer)
            desk.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer)
        case .silence: desk.turn(after: .seconds(16))
        }
        desk.turn()
        return true
    }

    @Test("two faults are enough, at once", arguments: [Loss.fault, .thrown])
    func faults(loss: Loss) throws {
        var desk = try desk()
        #expect(try lose(&desk, loss, instance: 2))
        #expect(desk.outcome(0) == nil)
        #expect(try lose(&desk, loss, instance: 3))
        #expect(desk.outcome(0)?.code == .quarantinedCrash)
    }

    @Test(
        "after a death that nobody saw the row rests, and a second one in calm is enough",
        arguments: [Loss.killed, .superseded])
    func deaths(loss: Loss) throws {
        var desk = try desk()
        #expect(try lose(&desk, loss, instance: 2))
        #expect(try !lose(&desk, loss, instance: 3))
        desk.turn(after: .seconds(61))
        #expect(try lose(&desk, loss, instance: 4))
        // Whoever was replaced may live, and says so in a moment: that is waited for.
        if loss == .superseded {
            #expect(desk.outcome(0) == nil)
            desk.turn(after: .seconds(61))
        }
        #expect(desk.outcome(0)?.code == .quarantinedCrash)
    }

    @Test("a row is not given up for a second worker that was replaced and says that it lives")
    func replacedAliveAfterDeath() throws {
        var desk = try desk()
        #expect(try lose(&desk, .killed, instance: 2))
        desk.turn(after: .seconds(61))
        #expect(try lose(&desk, .replacedAlive, instance: 3))
        desk.turn(after: .seconds(61))
        #expect(desk.outcome(0) == nil)
        let trouble = try #require(desk.coordinator.hardState.troubles.first)
        #expect(trouble.lossesAlone.count == 1 && trouble.unprovenAlone == 1)
    }

    @Test("a worker that was replaced and says goodbye has killed nobody")
    func replacedAlive() throws {
        var desk = try desk()
        for (instance, losses) in [(2, 1), (3, 2), (4, 3)] {
            #expect(try lose(&desk, .replacedAlive, instance: instance))
            #expect(desk.outcome(0) == nil)
            let trouble = try #require(desk.coordinator.hardState.troubles.first)
            #expect(trouble.lossesAlone.isEmpty && trouble.unprovenAlone == losses)
            desk.turn(after: .seconds(61))
        }
    }

    @Test("a death while others die too proves nothing")
    func disturbed() throws {
        var desk = try desk(otherRows: 40)
        #expect(try lose(&desk, .killed, instance: 2))
        desk.turn(after: .seconds(61))
        let session = try desk.joined(Samples.identity(slot: "h/5", instance: 5), from: "with it")
        desk.join(Samples.identity(slot: "h/6", instance: 6), from: "idle")
        #expect(desk.grants(for: "with it").map(\.ordinals) == [[0]])
        desk.send(.started(Started(session: session, ordinals: [0])), from: "with it")
        desk.handle(.workerExited(slot: "h/6", instance: nil, .killed))
        desk.handle(.workerExited(slot: "h/5", instance: nil, .killed))
        desk.turn()
        #expect(desk.outcome(0) == nil)
        let trouble = try #require(desk.coordinator.hardState.troubles.first)
        #expect(trouble.lossesAlone.count == 1 && trouble.unprovenAlone == 1)
    }

    @Test("a row leased alone that has company in the engine all the same proves nothing")
    func company() throws {
        var desk = try desk()
        let session = try desk.joined(
            Samples.identity(slot: "h/2", instance: 2), from: "2", inEngine: [0, 7])
        #expect(desk.grants(for: "2").last?.ordinals == [0])
        desk.send(
            .heartbeat(
                Heartbeat(
                    session: session, number: 1, leases: desk.grants(for: "2").map(\.lease),
                    inEngine: [0, 7], progressAgeMilliseconds: 0, isWaitingForWindow: false,
                    credit: .none)), from: "2")
        desk.handle(.workerExited(slot: "h/2", instance: nil, .killed))
        desk.turn()
        let trouble = try #require(desk.coordinator.hardState.troubles.first)
        #expect(trouble.lossesAlone.isEmpty && trouble.unprovenAlone == 1)
    }

    @Test("silence proves nothing, but not for ever")
    func silence() throws {
        var desk = try desk()
        var losses = 0
        for instance in 2..<40 where desk.outcome(0) == nil {
            if try lose(&desk, .silence, instance: instance) { losses += 1 }
            desk.turn(after: .seconds(61))
        }
        #expect(losses == 8)
        #expect(desk.outcome(0)?.code == .quarantinedCrash)
    }
}
