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
        var desk = CoordinatorDesk(rows: 4)
        desk.commits = false
        let hello = Hello(
            identity: Samples.identity(slot: "h/0"), firstNumber: 1, held: [], inEngine: [])
        desk.send(.hello(hello), from: "a")
        desk.turn()
        #expect(desk.said.isEmpty)
        let batch = try #require(desk.openCommit)
        #expect(batch.entries.contains { if case .fleetFacts = $0 { true } else { false } })
        desk.finishCommit()
        guard case .welcome(let welcome)? = desk.said.first?.message else {
            Issue.record("no welcome")
            return
        }
        let credit = Credit(audioMilliseconds: 600_000, rows: 512, speed: 10_000)
        desk.send(
            .requestWork(RequestWork(session: welcome.session, credit: credit)), from: "a")
        desk.turn()
        #expect(desk.grants.isEmpty)
        desk.finishCommit()
        desk.finishCommit()
        #expect(desk.grants.flatMap(\.grant.ordinals) == [0, 1, 2, 3])
    }

    @Test("after a failed commit nothing is said, whatever comes")
    func failedCommit() throws {
        var desk = CoordinatorDesk(rows: 4)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        desk.commits = false
        desk.finish([0, 1], number: 1, session: session, from: "a")
        desk.turn()
        let number = try #require(desk.openCommit).number
        let before = desk.said.count
        desk.openCommit = nil
        desk.handle(.commitFailed(batch: number))
        #expect(desk.stop == .commitFailed)
        desk.finish([2], number: 2, session: session, from: "a")
        desk.turn()
        #expect(desk.said.count == before && desk.openCommit == nil)
    }

    @Test("results wait for company, but not for long")
    func groupCommit() throws {
        var desk = CoordinatorDesk(rows: 40)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        desk.commits = false
        desk.finish([0], number: 1, session: session, from: "a")
        desk.handle(.turnEnded)
        desk.finish([1], number: 2, session: session, from: "a")
        desk.handle(.turnEnded)
        #expect(desk.openCommit == nil)
        #expect(desk.coordinator.nextTurn <= desk.now + .milliseconds(20))
        desk.now = desk.now + .milliseconds(20)
        desk.handle(.turnEnded)
        let outcomes = try #require(desk.openCommit).entries.filter {
            if case .outcome = $0 { true } else { false }
        }
        #expect(outcomes.count == 2)
        #expect(desk.recordedNumbers(for: "a").isEmpty)
        desk.finishCommit()
        #expect(desk.recordedNumbers(for: "a").max() == 2)
    }

    @Test("the job is finished when the last outcome is durable, and workers are told")
    func finish() throws {
        var desk = CoordinatorDesk(rows: 2)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        desk.finish([0, 1], number: 1, session: session, from: "a")
        #expect(!desk.isFinished)
        desk.turn()
        #expect(desk.isFinished)
        #expect(desk.recordedNumbers(for: "a") == [1])
        #expect(desk.rejections(for: "a").map(\.code) == [.jobFinished])
        // A late worker is told the same, and nothing is appended any more.
        let entries = desk.journal.count
        desk.join(Samples.identity(slot: "h/1", instance: 2), from: "b")
        #expect(desk.rejections(for: "b").map(\.code) == [.jobFinished])
        #expect(desk.journal.count == entries)
    }

    @Test("a job without rows is finished at once, one of unusable rows without workers")
    func noWork() {
        var empty = CoordinatorDesk(rows: 0)
        empty.turn()
        #expect(empty.isFinished)
        var unusable = CoordinatorDesk(rows: 2)
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
        var desk = CoordinatorDesk(rows: 8)
        let session = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        desk.handle(.drain)
        desk.turn()
        #expect(desk.said.contains { $0.message == .drain(session: session) })
        #expect(desk.stop == nil)
        desk.finish([0], number: 1, session: session, from: "a")
        desk.send(.goodbye(Goodbye(session: session, reason: .drained)), from: "a")
        desk.turn()
        #expect(desk.stop == .drained)
        #expect(desk.outcome(0)?.status == .transcribed)
        let troubles = desk.journal.filter { if case .trouble = $0 { true } else { false } }
        #expect(troubles.isEmpty)
    }

    @Test("a drain does not wait for ever")
    func lateDrain() throws {
        var desk = CoordinatorDesk(rows: 8)
        _ = try desk.joined(Samples.identity(slot: "h/0"), from: "a")
        desk.handle(.drain)
        desk.turn(after: .seconds(10))
        #expect(desk.stop == nil)
        desk.turn(after: .seconds(16))
        #expect(desk.stop == .drained)
    }
}
