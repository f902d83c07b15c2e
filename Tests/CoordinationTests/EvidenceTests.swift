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

    /// A harness with one row that was lost in company once, and that waits to be alone.
    private func harness(otherRows: Int = 1) throws -> CoordinatorHarness {
        var harness = CoordinatorHarness(rows: 1 + otherRows)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "first")
        harness.send(.started(Started(session: session, ordinals: [0])), from: "first")
        harness.finish(Array(1...otherRows), number: 1, session: session, from: "first")
        harness.turn()
        harness.handle(.workerExited(slot: "h/0", instance: nil, .killed))
        return harness
    }

    /// A worker joins, gets the row alone if it may be tried now, and is lost with it.
    ///
    /// - Returns: whether it got the row.
    private func lose(_ harness: inout CoordinatorHarness, _ loss: Loss, instance: Int) throws
        -> Bool
    {
        let slot = "h/\(instance)"
        let peer = "worker \(instance)"
        let session = try harness.joined(
            Samples.identity(slot: slot, instance: instance), from: peer)
        guard let grant = harness.grants(for: peer).last else {
            harness.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer)
            return false
        }
        #expect(grant.isAlone && grant.ordinals == [0])
        harness.send(.started(Started(session: session, ordinals: [0])), from: peer)
        switch loss {
        case .fault: harness.handle(.workerExited(slot: slot, instance: nil, .fault))
        case .killed: harness.handle(.workerExited(slot: slot, instance: nil, .killed))
        case .thrown:
            harness.send(.goodbye(Goodbye(session: session, reason: .engine)), from: peer)
        case .superseded, .replacedAlive:
            let other = try harness.joined(
                Samples.identity(slot: slot, instance: 1_000 + instance), from: peer + "'",
                asks: false)
            harness.send(
                .heartbeat(
                    Heartbeat(
                        session: other, number: 1, leases: [], inEngine: [],
                        progressAgeMilliseconds: 0, isWaitingForWindow: false, credit: .none)),
                from: peer + "'")
            harness.send(.goodbye(Goodbye(session: other, reason: .drained)), from: peer + "'")
            // Nobody may say so for another.
            harness.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer + "'")
            // Nor does an engine that threw show that nobody died.
            harness.send(.goodbye(Goodbye(session: session, reason: .engine)), from: peer)
            guard loss == .replacedAlive else { break }
            harness.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer)
            harness.send(.goodbye(Goodbye(session: session, reason: .drained)), from: peer)
        case .silence: harness.turn(after: .seconds(16))
        }
        harness.turn()
        return true
    }

    @Test("two faults are enough, at once", arguments: [Loss.fault, .thrown])
    func faults(loss: Loss) throws {
        var harness = try harness()
        #expect(try lose(&harness, loss, instance: 2))
        #expect(harness.outcome(0) == nil)
        #expect(try lose(&harness, loss, instance: 3))
        #expect(harness.outcome(0)?.code == .quarantinedCrash)
    }

    @Test(
        "after a death that nobody saw the row rests, and a second one in calm is enough",
        arguments: [Loss.killed, .superseded])
    func deaths(loss: Loss) throws {
        var harness = try harness()
        #expect(try lose(&harness, loss, instance: 2))
        #expect(try !lose(&harness, loss, instance: 3))
        harness.turn(after: .seconds(61))
        #expect(try lose(&harness, loss, instance: 4))
        // Whoever was replaced may live, and says so in a moment: that is waited for.
        if loss == .superseded {
            #expect(harness.outcome(0) == nil)
            harness.turn(after: .seconds(61))
        }
        #expect(harness.outcome(0)?.code == .quarantinedCrash)
    }

    @Test("a row is not given up for a second worker that was replaced and says that it lives")
    func replacedAliveAfterDeath() throws {
        var harness = try harness()
        #expect(try lose(&harness, .killed, instance: 2))
        harness.turn(after: .seconds(61))
        #expect(try lose(&harness, .replacedAlive, instance: 3))
        harness.turn(after: .seconds(61))
        #expect(harness.outcome(0) == nil)
        let history = try #require(harness.coordinator.hardState.histories.first)
        #expect(history.lossesAlone.count == 1 && history.unprovenAlone == 1)
    }

    @Test("a worker that was replaced and says goodbye has killed nobody")
    func replacedAlive() throws {
        var harness = try harness()
        for (instance, losses) in [(2, 1), (3, 2), (4, 3)] {
            #expect(try lose(&harness, .replacedAlive, instance: instance))
            #expect(harness.outcome(0) == nil)
            let history = try #require(harness.coordinator.hardState.histories.first)
            #expect(history.lossesAlone.isEmpty && history.unprovenAlone == losses)
            harness.turn(after: .seconds(61))
        }
    }

    @Test("a death while others die too proves nothing")
    func disturbed() throws {
        var harness = try harness(otherRows: 40)
        #expect(try lose(&harness, .killed, instance: 2))
        harness.turn(after: .seconds(61))
        let session = try harness.joined(
            Samples.identity(slot: "h/5", instance: 5), from: "with it")
        harness.join(Samples.identity(slot: "h/6", instance: 6), from: "idle")
        #expect(harness.grants(for: "with it").map(\.ordinals) == [[0]])
        harness.send(.started(Started(session: session, ordinals: [0])), from: "with it")
        harness.handle(.workerExited(slot: "h/6", instance: nil, .killed))
        harness.handle(.workerExited(slot: "h/5", instance: nil, .killed))
        harness.turn()
        #expect(harness.outcome(0) == nil)
        let history = try #require(harness.coordinator.hardState.histories.first)
        #expect(history.lossesAlone.count == 1 && history.unprovenAlone == 1)
    }

    @Test("a row leased alone that has company in the engine all the same proves nothing")
    func company() throws {
        var harness = try harness()
        let session = try harness.joined(
            Samples.identity(slot: "h/2", instance: 2), from: "2", inEngine: [0, 7])
        #expect(harness.grants(for: "2").last?.ordinals == [0])
        harness.send(
            .heartbeat(
                Heartbeat(
                    session: session, number: 1, leases: harness.grants(for: "2").map(\.lease),
                    inEngine: [0, 7], progressAgeMilliseconds: 0, isWaitingForWindow: false,
                    credit: .none)), from: "2")
        harness.handle(.workerExited(slot: "h/2", instance: nil, .killed))
        harness.turn()
        let history = try #require(harness.coordinator.hardState.histories.first)
        #expect(history.lossesAlone.isEmpty && history.unprovenAlone == 1)
    }

    @Test("silence proves nothing, but not for ever")
    func silence() throws {
        var harness = try harness()
        var losses = 0
        for instance in 2..<40 where harness.outcome(0) == nil {
            if try lose(&harness, .silence, instance: instance) { losses += 1 }
            harness.turn(after: .seconds(61))
        }
        #expect(losses == 8)
        #expect(harness.outcome(0)?.code == .quarantinedCrash)
    }
}
