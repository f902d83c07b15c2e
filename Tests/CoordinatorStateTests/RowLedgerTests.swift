internal import CoordinatorState
internal import JobState
internal import SpeechTypes
internal import Testing

@Suite("Where every row stands")
struct RowLedgerTests {
    private func ledger(
        _ milliseconds: [Int], histories: [AttemptHistory] = [], recorded: [Int] = []
    ) -> RowLedger {
        var set = RowSet(rowCount: milliseconds.count)
        for ordinal in recorded { set.insert(ordinal) }
        return RowLedger(
            plan: PlainPlan(milliseconds: milliseconds), recorded: set, histories: histories)
    }

    @Test("clean rows come in the order of the plan, and each only until it is leased or recorded")
    func order() {
        var ledger = ledger([400, 300, 200, 100], recorded: [1])
        #expect(ledger.nextClean()?.ordinal == 0)
        ledger.lease(0, to: 7)
        #expect(ledger.nextClean()?.ordinal == 2)
        ledger.lease(2, to: 7)
        ledger.record(2)
        #expect(ledger.nextClean()?.ordinal == 3)
        #expect(ledger.leasedCount == 1 && ledger.waitingCount == 1)
    }

    @Test("a row that comes back goes before shorter rows that nobody has had")
    func returned() {
        var ledger = ledger([400, 300, 200])
        ledger.lease(0, to: 1)
        #expect(ledger.nextClean()?.ordinal == 1)
        ledger.unlease(0, by: 1)
        #expect(ledger.nextClean()?.ordinal == 0)
    }

    @Test("audio that waits, is leased and is open adds up through every change")
    func audio() {
        var ledger = ledger([400, 300, 200])
        #expect(ledger.waitingAudioMilliseconds == 900)
        ledger.lease(0, to: 1)
        #expect(ledger.waitingAudioMilliseconds == 500 && ledger.leasedAudioMilliseconds == 400)
        let more = ledger.measure(0, as: RowLength(milliseconds: 500, lanes: 2))
        #expect(more == 600 && ledger.leasedAudioMilliseconds == 1_000)
        #expect(ledger.openRecordingMilliseconds == 1_000)
        ledger.record(0)
        #expect(ledger.leasedAudioMilliseconds == 0 && ledger.openAudioMilliseconds == 500)
        ledger.reopen(0)
        #expect(ledger.openAudioMilliseconds == 900, "what was measured is forgotten")
    }

    @Test("a held row is not given out before its time, nor a suspended one before it is released")
    func held() {
        var ledger = ledger([400, 300, 200])
        ledger.hold(0, until: at(10))
        ledger.suspend(1)
        #expect(ledger.nextClean()?.ordinal == 2)
        #expect(ledger.suspendedCount == 1 && ledger.isSuspended(1) && !ledger.isSuspended(0))
        #expect(ledger.removeDue(at: at(9)).isEmpty)
        #expect(ledger.removeDue(at: at(10)) == [0])
        ledger.release(0)
        ledger.release(1)
        #expect(ledger.nextClean()?.ordinal == 0 && ledger.suspendedCount == 0)
    }

    @Test("a row's history decides which queue it waits in")
    func queues() {
        var failed = AttemptHistory(ordinal: 1)
        failed.engineSlots = ["a/0"]
        var lost = AttemptHistory(ordinal: 2)
        lost.lossesInCompany = [.init(slot: "a/0", instance: "1", session: 1)]
        var ledger = ledger([400, 300, 200], histories: [failed, lost])
        #expect(ledger.mayHaveFailedRows)
        #expect(ledger.removeFirst(from: .elsewhere, where: { _ in false }) == nil)
        #expect(ledger.removeFirst(from: .elsewhere, where: { _ in true })?.ordinal == 1)
        #expect(ledger.removeFirst(from: .alone, where: { _ in true })?.ordinal == 2)
        #expect(ledger.nextClean()?.ordinal == 0)
    }

    @Test("a history that is emptied puts its row back among the clean ones")
    func settled() {
        var lost = AttemptHistory(ordinal: 0)
        lost.lossesInCompany = [.init(slot: "a/0", instance: "1", session: 1)]
        var ledger = ledger([400], histories: [lost])
        #expect(ledger.nextClean() == nil)
        ledger.setHistory(AttemptHistory(ordinal: 0))
        #expect(ledger.nextClean()?.ordinal == 0 && ledger.histories.isEmpty)
    }

    @Test("the end of one of two leases leaves the row to the other")
    func copies() {
        var ledger = ledger([400])
        ledger.lease(0, to: 1)
        ledger.addCopy(0, lease: 2)
        ledger.unlease(0, by: 1)
        #expect(ledger.lease(of: 0) == 2 && ledger.copy(of: 0) == nil)
        ledger.unlease(0, by: 2)
        #expect(ledger.lease(of: 0) == nil && ledger.waitingCount == 1)
    }
}
