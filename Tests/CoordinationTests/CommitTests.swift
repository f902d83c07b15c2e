internal import ClusterProtocol
internal import Coordination
internal import Digests
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Appends, then the commit, then sends")
struct CommitTests {
    @Test("a welcome and a lease are said only when their entries are durable")
    func nothingIsSaidBeforeTheCommit() throws {
        var harness = CoordinatorHarness(rows: 4)
        harness.commits = false
        let hello = Hello(
            identity: Samples.identity(slot: "h/0"), firstNumber: 1, held: [], inEngine: [])
        harness.send(.hello(hello), from: "a")
        harness.turn()
        #expect(harness.said.isEmpty)
        let batch = try #require(harness.openCommit)
        #expect(batch.entries.contains { if case .fleetFacts = $0 { true } else { false } })
        harness.finishCommit()
        guard case .welcome(let welcome)? = harness.said.first?.message else {
            Issue.record("no welcome")
            return
        }
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        harness.send(
            .requestWork(RequestWork(session: welcome.session, credit: credit)), from: "a")
        harness.turn()
        #expect(harness.grants.isEmpty)
        harness.finishCommit()
        harness.finishCommit()
        #expect(harness.grants.flatMap(\.grant.ordinals) == [0, 1, 2, 3])
    }

    @Test("after a failed commit nothing is said, whatever comes")
    func failedCommit() throws {
        var harness = CoordinatorHarness(rows: 4)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.commits = false
        harness.finish([0, 1], number: 1, session: session, from: "a")
        harness.turn()
        let number = try #require(harness.openCommit).number
        let before = harness.said.count
        harness.openCommit = nil
        harness.handle(.commitFailed(batch: number))
        #expect(harness.stop == .commitFailed)
        harness.finish([2], number: 2, session: session, from: "a")
        harness.turn()
        #expect(harness.said.count == before && harness.openCommit == nil)
    }

    @Test("results wait for company, but not for long")
    func groupCommit() throws {
        var harness = CoordinatorHarness(rows: 40)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.commits = false
        harness.finish([0], number: 1, session: session, from: "a")
        harness.handle(.turnEnded)
        harness.finish([1], number: 2, session: session, from: "a")
        harness.handle(.turnEnded)
        #expect(harness.openCommit == nil)
        #expect(harness.coordinator.nextTurn <= harness.now + .milliseconds(20))
        harness.now = harness.now + .milliseconds(20)
        harness.handle(.turnEnded)
        let outcomes = try #require(harness.openCommit).entries.filter {
            if case .outcome = $0 { true } else { false }
        }
        #expect(outcomes.count == 2)
        #expect(harness.recordedNumbers(for: "a").isEmpty)
        harness.finishCommit()
        #expect(harness.recordedNumbers(for: "a").max() == 2)
    }

    @Test("the job is finished when the last outcome is durable, and workers are told")
    func finish() throws {
        var harness = CoordinatorHarness(rows: 2)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.finish([0, 1], number: 1, session: session, from: "a")
        #expect(!harness.isFinished)
        harness.turn()
        #expect(harness.isFinished)
        #expect(harness.recordedNumbers(for: "a") == [1])
        #expect(harness.rejections(for: "a").map(\.code) == [.jobFinished])
        // A late worker is told the same, and nothing is appended any more.
        let entries = harness.journal.count
        harness.join(Samples.identity(slot: "h/1", instance: 2), from: "b")
        #expect(harness.rejections(for: "b").map(\.code) == [.jobFinished])
        #expect(harness.journal.count == entries)
    }

    @Test("a job without rows is finished at once, one of unusable rows without workers")
    func noWork() {
        var empty = CoordinatorHarness(rows: 0)
        empty.turn()
        #expect(empty.isFinished)
        var unusable = CoordinatorHarness(rows: 2)
        unusable.handle(
            .rejectedAtPlanning([
                PlanningRejection(ordinal: 0, code: .manifestInvalidJSON, detail: "line 1"),
                PlanningRejection(ordinal: 1, code: .manifestBadSpan, detail: "line 2"),
            ]))
        unusable.turn()
        #expect(unusable.isFinished)
        #expect(unusable.outcome(1)?.status == .rejected)
        #expect(unusable.outcome(1)?.detail == "line 2")
        #expect(unusable.coordinator.status(at: unusable.now).rowsRejected == 2)
    }

    @Test("a drain releases, waits for goodbyes, and stops with everything durable")
    func drain() throws {
        var harness = CoordinatorHarness(rows: 8)
        let session = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.handle(.drain)
        harness.turn()
        #expect(harness.said.contains { $0.message == .drain(session: session) })
        #expect(harness.stop == nil)
        harness.finish([0], number: 1, session: session, from: "a")
        harness.send(.goodbye(Goodbye(session: session, reason: .drained)), from: "a")
        harness.turn()
        #expect(harness.stop == .drained)
        #expect(harness.outcome(0)?.status == .transcribed)
        let histories = harness.journal.filter { if case .history = $0 { true } else { false } }
        #expect(histories.isEmpty)
    }

    @Test("a drain does not wait for ever")
    func lateDrain() throws {
        var harness = CoordinatorHarness(rows: 8)
        _ = try harness.joined(Samples.identity(slot: "h/0"), from: "a")
        harness.handle(.drain)
        harness.turn(after: .seconds(10))
        #expect(harness.stop == nil)
        harness.turn(after: .seconds(16))
        #expect(harness.stop == .drained)
    }
}
