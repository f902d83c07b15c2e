internal import ClusterProtocol
internal import Testing
internal import WorkerCoordination

@Suite("A worker that knows several coordinators")
struct AlternativesTests {
    private typealias Harness = WorkerSessionTests.Harness

    /// Beats that keep the session alive.
    private func idle(_ harness: inout Harness, seconds: Int) {
        for number in 1...seconds {
            harness.wait(.seconds(1))
            guard harness.exit == nil else { return }
            harness.handle(
                .message(
                    .beat(
                        Beat(
                            session: 1, number: number, epoch: 1, leases: [],
                            windowBytes: 1_000_000, recordedNumber: 0))))
        }
    }

    private func isMoving(_ harness: Harness) -> Bool {
        if case .changesCoordinator = harness.exit { true } else { false }
    }

    @Test("it leaves one that has had nothing for it for a minute, and says goodbye")
    func idle() {
        var harness = Harness(hasAlternatives: true)
        harness.handle(.connected)
        harness.welcome()
        idle(&harness, seconds: 59)
        #expect(harness.exit == nil)
        idle(&harness, seconds: 3)
        #expect(isMoving(harness) && harness.exit?.status == 75)
        #expect(harness.kinds.last == .goodbye)
    }

    @Test("work begins the minute again, and whoever holds rows stays")
    func busy() {
        var harness = Harness(hasAlternatives: true)
        harness.handle(.connected)
        harness.welcome()
        idle(&harness, seconds: 50)
        harness.lease(1, [0])
        harness.start([0])
        idle(&harness, seconds: 20)
        #expect(harness.exit == nil)
        harness.finish(0)
        harness.wait(.seconds(1))
        harness.handle(.message(.recorded(Recorded(session: 1, number: 1))))
        idle(&harness, seconds: 50)
        #expect(harness.exit == nil)
        idle(&harness, seconds: 13)
        #expect(isMoving(harness))
    }

    @Test("it leaves where nobody answers; one that knows no other coordinator waits")
    func silence() {
        for hasAlternatives in [true, false] {
            var harness = Harness(hasAlternatives: hasAlternatives)
            for _ in 0..<19 { harness.wait(.seconds(1)) }
            #expect(harness.exit == nil)
            for _ in 0..<3 { harness.wait(.seconds(1)) }
            #expect(isMoving(harness) == hasAlternatives)
        }
        var harness = Harness()
        harness.handle(.connected)
        harness.welcome()
        idle(&harness, seconds: 100)
        #expect(harness.exit == nil)
    }

    @Test("a finished job is left for good, a newer worker in the slot ends it")
    func ends() {
        func exit(_ code: Rejected.Code) -> WorkerExit? {
            var harness = Harness(hasAlternatives: true)
            harness.handle(.connected)
            harness.handle(.message(.rejected(Rejected(code: code, sentence: "so"))))
            return harness.exit
        }
        #expect(exit(.jobFinished) == .jobFinished("so"))
        #expect(exit(.cancelled) == .jobFinished("so"))
        #expect(exit(.superseded) == .done("so"))
        #expect(exit(.drained) == .done("so"))
    }
}
