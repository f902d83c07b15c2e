internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Suspects, not neighbours")
struct SuspectTests {
    @Test("a row lost alone twice is quarantined; its neighbours are not")
    func poison() throws {
        var harness = CoordinatorHarness(rows: 3)
        var instance = 1
        var session = try harness.joined(
            Samples.identity(slot: "h/0", instance: instance), from: "1")
        harness.send(.started(Started(session: session, ordinals: [0, 1])), from: "1")
        var deaths = 0
        while harness.outcome(1) == nil, deaths < 5 {
            deaths += 1
            harness.handle(.workerExited(slot: "h/0", instance: nil, .fault))
            instance += 1
            let peer = "\(instance)"
            session = try harness.joined(
                Samples.identity(slot: "h/0", instance: instance), from: peer)
            var number = 0
            // Rows that come before the poison one pass alone.
            while let grant = harness.grants(for: peer).last, grant.isAlone, grant.ordinals != [1] {
                harness.send(
                    .started(Started(session: session, ordinals: grant.ordinals)), from: peer)
                number += 1
                harness.finish(grant.ordinals, number: number, session: session, from: peer)
                harness.turn()
            }
            if let grant = harness.grants(for: peer).last, grant.ordinals == [1] {
                harness.send(.started(Started(session: session, ordinals: [1])), from: peer)
            }
        }
        #expect(deaths == 3)
        #expect(harness.outcome(1)?.code == .quarantinedCrash)
        #expect(harness.outcome(0)?.status == .transcribed)
    }

    @Test("a lost worker is one event, however many rows it had in its engine")
    func oneEvent() throws {
        for (count, words) in [(1, "in the engine when"), (40, "0, 1, 2, 3")] {
            var harness = CoordinatorHarness(rows: 50)
            let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
            let rows = Array(0..<count)
            harness.send(.started(Started(session: session, ordinals: rows)), from: "a")
            harness.handle(.workerExited(slot: "h/0", instance: nil, .killed))
            harness.turn()
            let notes = harness.journal.compactMap { entry -> JobNote? in
                guard case .note(let note) = entry, note.kind == .rowSuspected else { return nil }
                return note
            }
            #expect(notes.count == 1 && notes.first?.text.contains(words) == true)
            #expect(notes.first?.ordinal == (count == 1 ? 0 : nil))
            #expect(notes.first?.text.contains("and 8 more") == (count == 40))
            #expect(histories(harness).count == count)
        }
    }

    /// A worker is given all rows, dies without having said a word, and comes back; so many times.
    private func dies(
        _ harness: inout CoordinatorHarness, _ end: ProcessEnd, times: ClosedRange<Int>
    ) {
        for instance in times {
            harness.join(Samples.identity(slot: "h/0", instance: instance), from: "\(instance)")
            harness.handle(.workerExited(slot: "h/0", instance: nil, end))
            harness.turn()
        }
    }

    @Test(
        "a fault before a word is out makes suspects of the rows that were next, and of no others")
    func untoldFault() throws {
        var harness = CoordinatorHarness(rows: 50)
        dies(&harness, .fault, times: 1...1)
        #expect(histories(harness).keys.sorted() == Array(0..<ClusterLimits().untoldRowsMax))
        #expect(histories(harness).values.allSatisfy { $0.lossesAlone.isEmpty })
        // The next worker gets one of them, alone.
        harness.join(Samples.identity(slot: "h/0", instance: 2), from: "2")
        #expect(harness.grants(for: "2").map(\.isAlone) == [true])
    }

    @Test(
        "a worker that is gone before a word is out says little: its rows are suspects the third time"
    )
    func untoldLosses() throws {
        var harness = CoordinatorHarness(rows: 4)
        dies(&harness, .killed, times: 1...2)
        #expect(histories(harness).isEmpty)
        dies(&harness, .killed, times: 3...3)
        #expect(histories(harness).keys.sorted() == [0, 1, 2, 3])
    }

    @Test("a row that was heard of since is no suspect of what was lost before")
    func untoldLossesAreForgotten() throws {
        var harness = CoordinatorHarness(rows: 4)
        dies(&harness, .killed, times: 1...2)
        let session = try harness.joined(Samples.identity(slot: "h/0", instance: 3), from: "3")
        harness.send(.started(Started(session: session, ordinals: [0, 1])), from: "3")
        harness.finish([0, 1], number: 1, session: session, from: "3")
        harness.handle(.workerExited(slot: "h/0", instance: nil, .killed))
        harness.turn()
        #expect(histories(harness).keys.sorted() == [2, 3])
    }

    @Test(
        "where no worker ever started a row, faults give up none for as long as a machine may be broken"
    )
    func machineAtFault() throws {
        var harness = CoordinatorHarness(rows: 1)
        dies(&harness, .fault, times: 1...8)
        #expect(harness.outcome(0) == nil)
        #expect(histories(harness)[0]?.unprovenAlone == 7)
        dies(&harness, .fault, times: 9...9)
        #expect(harness.outcome(0)?.code == .quarantinedCrash)
    }

    @Test("an engine that throws before it has started a row has met none")
    func engineThrows() throws {
        var harness = CoordinatorHarness(rows: 4)
        for instance in 1...5 {
            let peer = "\(instance)"
            let session = try harness.joined(
                Samples.identity(slot: "h/0", instance: instance), from: peer)
            harness.send(.goodbye(Goodbye(session: session, reason: .engine)), from: peer)
            harness.turn()
        }
        #expect(histories(harness).isEmpty && harness.outcome(0) == nil)
    }

    @Test("a session with a row alone gets nothing else")
    func alone() throws {
        var harness = CoordinatorHarness(rows: 50)
        let first = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.send(.started(Started(session: first, ordinals: [3])), from: "a")
        harness.handle(.workerExited(slot: "h/0", instance: nil, .killed))
        harness.join(Samples.identity(slot: "h/0", instance: 2), from: "b")
        #expect(harness.grants(for: "b").map(\.ordinals) == [[3]])
    }

    @Test("a clean exit blames nobody")
    func cleanExit() throws {
        var harness = CoordinatorHarness(rows: 2)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.send(.started(Started(session: session, ordinals: [0])), from: "a")
        harness.handle(
            .workerExited(slot: "h/0", instance: Samples.instanceName(1), .clean))
        harness.turn()
        #expect(histories(harness).isEmpty)
        #expect(harness.coordinator.status(at: harness.now).rowsWaiting == 2)
    }

    @Test("many slots silent at once are a sick fleet: rows are forgiven, but twice at most")
    func sickFleet() throws {
        var limits = ClusterLimits()
        limits.leaseRowsMax = 1
        var harness = CoordinatorHarness(rows: 3, limits: limits)
        for round in 0..<3 {
            for slot in 0..<3 {
                let name = "\(round)-\(slot)"
                let session = try harness.joined(
                    Samples.identity(slot: "h/\(slot)", instance: 10 * round + slot + 1),
                    from: name)
                let rows = harness.grants(for: name).flatMap(\.ordinals)
                harness.send(.started(Started(session: session, ordinals: rows)), from: name)
            }
            // All are silent until their sessions are over.
            harness.turn(after: .seconds(16))
            harness.turn(after: .seconds(40))
        }
        let last = histories(harness)
        #expect(!last.isEmpty)
        #expect(last.values.allSatisfy { $0.waivedLosses == 2 && $0.lossesInCompany.count == 1 })
    }

    @Test("after a restart, unclaimed leases leave suspects once the grace is over")
    func unclaimed() throws {
        var replay = ReplayState(epoch: 2, recorded: RowSet(rowCount: 6), lastLease: 9)
        replay.openLeases = [
            LeaseRecord(
                lease: 8, slot: "h/0", instance: Samples.instanceName(1), session: 5,
                isAlone: false, ordinals: [0, 1, 2], started: [1]),
            LeaseRecord(
                lease: 9, slot: "h/1", instance: Samples.instanceName(2), session: 6,
                isAlone: false, ordinals: [3, 4]),
        ]
        var harness = CoordinatorHarness(rows: 6, replay: replay)
        harness.turn(after: .seconds(19))
        #expect(histories(harness).isEmpty)
        harness.turn(after: .seconds(2))
        // Of the first lease what was started; of the second nobody knows, so all.
        #expect(histories(harness).keys.sorted() == [1, 3, 4])
        harness.join(Samples.identity(slot: "h/9", instance: 9), from: "a")
        #expect(harness.grants.first?.grant.lease == 10)
    }

    @Test("a worker that comes back after a restart goes on with its lease")
    func claimed() throws {
        var replay = ReplayState(epoch: 2, recorded: RowSet(rowCount: 3), lastLease: 8)
        replay.openLeases = [
            LeaseRecord(
                lease: 8, slot: "h/0", instance: Samples.instanceName(1), session: 5,
                isAlone: false, ordinals: [0, 1, 2], started: [1])
        ]
        var harness = CoordinatorHarness(rows: 3, replay: replay)
        let session = try harness.joined(
            Samples.identity(slot: "h/0"), from: "a",
            held: [HeldLease(lease: 8, ordinals: [0, 1, 2])], inEngine: [1])
        #expect(harness.grants.isEmpty)
        harness.finish([0, 1, 2], number: 1, session: session, from: "a")
        harness.turn(after: .seconds(30))
        #expect(harness.isFinished)
        #expect(histories(harness).isEmpty)
    }

    @Test("a row's trouble survives its journal form", arguments: [0, 1, 2])
    func encoding(kind: Int) {
        var history = AttemptHistory(ordinal: 7)
        if kind > 0 {
            history.lossesInCompany = [.init(slot: "h \"x\"/0", instance: "ab", session: 1 << 40)]
            history.waivedLosses = 2
        }
        if kind > 1 {
            history.lossesAlone = [.init(slot: "h/1", instance: "cd", session: 3)]
            history.unprovenAlone = 1
            history.inputSlots = ["h/0", "h/1"]
            history.inputCode = .audioNotFound
            history.engineSlots = ["h/2"]
            history.sourceSlots = ["h/3"]
            history.memorySizes = [1 << 30, 2 << 30]
            history.workerSlots = ["h/4"]
        }
        #expect(AttemptHistory(ordinal: 7, encoded: history.encoded) == history)
        #expect(AttemptHistory(ordinal: 7, encoded: "{\"company\":[]}") == nil)
    }

    /// The last entry on each row.
    private func histories(_ harness: CoordinatorHarness) -> [Int: AttemptHistory] {
        var last: [Int: AttemptHistory] = [:]
        for case .history(let history) in harness.journal { last[history.ordinal] = history }
        return last
    }
}
