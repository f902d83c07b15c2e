internal import ClusterProtocol
internal import Testing
internal import WorkerCoordination

@Suite("A worker that knows several coordinators")
struct RoamingTests {
    private typealias Desk = WorkerSessionTests.Desk

    /// Beats that keep the session alive.
    private func idle(_ desk: inout Desk, seconds: Int) {
        for number in 1...seconds {
            desk.wait(.seconds(1))
            guard desk.exit == nil else { return }
            desk.handle(
                .message(
                    .beat(
                        Beat(
                            session: 1, number: number, epoch: 1, leases: [],
                            windowBytes: 1_000_000, recordedNumber: 0))))
        }
    }

    private func isMoving(_ desk: Desk) -> Bool {
        if case .movesOn = desk.exit { true } else { false }
    }

    @Test("it leaves one that has had nothing for it for a minute, and says goodbye")
    func idle() {
        var desk = Desk(roams: true)
        desk.handle(.connected)
        desk.welcome()
        idle(&desk, seconds: 59)
        #expect(desk.exit == nil)
        idle(&desk, seconds: 3)
        #expect(isMoving(desk) && desk.exit?.status == 75)
        #expect(desk.kinds.last == .goodbye)
    }

    @Test("work begins the minute again, and whoever holds rows stays")
    func busy() {
        var desk = Desk(roams: true)
        desk.handle(.connected)
        desk.welcome()
        idle(&desk, seconds: 50)
        desk.lease(1, [0])
        desk.start([0])
        idle(&desk, seconds: 20)
        #expect(desk.exit == nil)
        desk.finish(0)
        desk.wait(.seconds(1))
        desk.handle(.message(.recorded(Recorded(session: 1, number: 1))))
        idle(&desk, seconds: 50)
        #expect(desk.exit == nil)
        idle(&desk, seconds: 13)
        #expect(isMoving(desk))
    }

    @Test("it leaves where nobody answers; one that knows no other coordinator waits")
    func silence() {
        for roams in [true, false] {
            var desk = Desk(roams: roams)
            for _ in 0..<19 { desk.wait(.seconds(1)) }
            #expect(desk.exit == nil)
            for _ in 0..<3 { desk.wait(.seconds(1)) }
            #expect(isMoving(desk) == roams)
        }
        var desk = Desk()
        desk.handle(.connected)
        desk.welcome()
        idle(&desk, seconds: 100)
        #expect(desk.exit == nil)
    }

    @Test("a finished job is left for good, a newer worker in the slot ends it")
    func ends() {
        func exit(_ code: Rejected.Code) -> WorkerExit? {
            var desk = Desk(roams: true)
            desk.handle(.connected)
            desk.handle(.message(.rejected(Rejected(code: code, sentence: "so"))))
            return desk.exit
        }
        #expect(exit(.jobFinished) == .jobFinished("so"))
        #expect(exit(.cancelled) == .jobFinished("so"))
        #expect(exit(.superseded) == .done("so"))
        #expect(exit(.drained) == .done("so"))
    }
}
