internal import ClusterRuntime
internal import SpeechTypes
internal import Testing

@Suite("The engine's inbox") struct EngineInboxTests {
    private let inbox = EngineInbox()

    @Test("rows come in order, and then the end")
    func order() {
        inbox.append([task(4), task(2)])
        inbox.append([task(9)])
        inbox.close()
        #expect([inbox.next(), inbox.next(), inbox.next()].map { $0?.ordinal } == [4, 2, 9])
        #expect(inbox.next() == nil)
    }

    @Test("a row that is to be alone waits for the others, and the others for it")
    func alone() {
        inbox.append([task(0), task(1, isAlone: true), task(2)])
        #expect(inbox.nextIfAvailable()?.ordinal == 0)
        #expect(inbox.nextIfAvailable() == nil)
        inbox.ended(0)
        #expect(inbox.nextIfAvailable()?.ordinal == 1)
        #expect(inbox.nextIfAvailable() == nil)
        inbox.ended(1)
        #expect(inbox.nextIfAvailable()?.ordinal == 2)
    }

    @Test("only rows that the engine has not taken can be withdrawn")
    func withdraw() {
        inbox.append([task(0), task(1), task(2)])
        #expect(inbox.next()?.ordinal == 0)
        #expect(inbox.withdraw([0, 2, 7]) == [2])
        inbox.close()
        #expect(inbox.next()?.ordinal == 1)
        #expect(inbox.next() == nil)
    }

    @Test("nothing is given while the window is full")
    func held() {
        inbox.append([task(0)])
        inbox.setHeld(true)
        #expect(inbox.nextIfAvailable() == nil)
        inbox.setHeld(false)
        #expect(inbox.nextIfAvailable()?.ordinal == 0)
    }

    private func task(_ ordinal: Int, isAlone: Bool = false) -> RowTask {
        RowTask(ordinal: ordinal, raw: [], isAlone: isAlone)
    }
}
