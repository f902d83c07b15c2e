internal import ClusterProtocol
internal import Coordination
internal import JobState
internal import Testing

@Suite("What waits to be written, and what may be said then")
struct CommitWindowTests {
    private let limits = ClusterLimits()
    private func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    private func answer(_ sentence: String) -> Consequence {
        .answer(OperatorAnswer(isDone: true, sentence: sentence), PeerID([1]))
    }

    private func sentences(_ consequences: [Consequence]) -> [String] {
        consequences.compactMap {
            if case .answer(let answer, _) = $0 { answer.sentence } else { nil }
        }
    }

    private func batch(_ step: CommitWindow.Step) -> CommitBatch? {
        if case .commit(let batch) = step { batch } else { nil }
    }

    @Test("what depends on no entry is said at the end of the turn")
    func nothingToWrite() {
        var window = CommitWindow()
        window.afterCommit(answer("a"))
        guard case .say(let said) = window.endTurn(at: at(0), isUnderWay: true, limits: limits)
        else {
            Issue.record("nothing was said")
            return
        }
        #expect(sentences(said) == ["a"])
        #expect(window.isSettled)
    }

    @Test("entries wait for company, and what depends on them is said when they are durable")
    func lingers() throws {
        var window = CommitWindow()
        window.append(.pauses([]))
        window.afterCommit(answer("a"))
        #expect(batch(window.endTurn(at: at(0), isUnderWay: true, limits: limits)) == nil)
        #expect(window.due(limits: limits) == at(20))
        #expect(batch(window.endTurn(at: at(19), isUnderWay: true, limits: limits)) == nil)
        let open = try #require(batch(window.endTurn(at: at(20), isUnderWay: true, limits: limits)))
        #expect(open.number == 1 && open.entries == [.pauses([])])
        #expect(!window.isSettled && window.isSettled(byCommit: 1))
        #expect(sentences(window.finish(1)) == ["a"])
        #expect(window.isSettled)
    }

    @Test("one commit is open at a time, and later entries wait for their own")
    func oneAtATime() throws {
        var window = CommitWindow()
        window.append(.retried([1]))
        window.hurry()
        #expect(batch(window.endTurn(at: at(0), isUnderWay: true, limits: limits))?.number == 1)
        window.append(.retried([2]))
        window.afterCommit(answer("b"))
        window.hurry()
        #expect(batch(window.endTurn(at: at(1), isUnderWay: true, limits: limits)) == nil)
        #expect(window.due(limits: limits) == nil)
        #expect(window.finish(1).isEmpty)
        let second = try #require(
            batch(window.endTurn(at: at(2), isUnderWay: true, limits: limits)))
        #expect(second.number == 2 && second.entries == [.retried([2])])
        #expect(sentences(window.finish(2)) == ["b"])
    }

    @Test("a job that ends, and as many entries as one commit may have, wait for nothing")
    func notUnderWay() {
        var window = CommitWindow()
        window.append(.retried([1]))
        #expect(batch(window.endTurn(at: at(0), isUnderWay: false, limits: limits)) != nil)
        var full = CommitWindow()
        for _ in 0..<limits.commitRowsMax { full.append(.retried([1])) }
        #expect(batch(full.endTurn(at: at(0), isUnderWay: true, limits: limits)) != nil)
    }

    @Test("after a commit that failed nothing is said")
    func failure() {
        var window = CommitWindow()
        window.append(.retried([1]))
        window.afterCommit(answer("a"))
        window.hurry()
        _ = window.endTurn(at: at(0), isUnderWay: true, limits: limits)
        window.afterCommit(answer("b"))
        window.fail()
        #expect(window.isSettled && window.waitingCount == 0)
    }
}
