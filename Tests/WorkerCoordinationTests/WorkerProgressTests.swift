internal import ClusterProtocol
internal import SpeechTypes
internal import Testing
internal import WorkerCoordination

@Suite("What a worker's session tells of its engine")
struct WorkerProgressTests {
    private typealias Harness = WorkerSessionTests.Harness

    @Test("an engine that makes steps is waited for, however long its row is")
    func steps() {
        var limits = ClusterLimits()
        limits.giveUpAfter = .seconds(1_000_000)
        var harness = Harness(limits: limits)
        harness.handle(.connected)
        harness.welcome()
        harness.lease(1, [0])
        harness.start([0])
        for second in 0..<20_000 {
            if second % (StallLimits.engineSeconds - 10) == 0 {
                harness.handle(.progress(computedMilliseconds: second))
            }
            harness.wait(.seconds(1))
            if harness.sent.count > 100 { harness.sent.removeFirst(50) }
        }
        #expect(harness.exit == nil)
        let ages = harness.sent.compactMap { message -> Int? in
            guard case .heartbeat(let heartbeat) = message else { return nil }
            return heartbeat.progressAgeMilliseconds
        }
        #expect(ages.max() ?? .max < StallLimits.engineSeconds * 1_000)
        for _ in 0..<StallLimits.engineSeconds + 2 { harness.wait(.seconds(1)) }
        #expect(harness.exit?.status == 70)
    }

    @Test(
        "a machine that cannot do its part ends its worker at once: what is done is sent, the rest goes back"
    )
    func machineFails() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1, 2])
        harness.start([0, 1])
        harness.finish(0)
        harness.handle(
            .engine(
                .failed(
                    FailedRow(
                        ordinal: 1, failureClass: .worker, code: .quarantinedEngine,
                        detail: "1.npy: No space left on device"))))
        #expect(harness.exit == .machine("1.npy: No space left on device"))
        #expect(harness.exit?.status == 74)
        #expect(harness.sent.suffix(2).map(\.kind) == [.results, .goodbye])
        guard case .goodbye(let goodbye)? = harness.sent.last else { return }
        #expect(goodbye.reason == .drained)
        #expect(!harness.sent.contains { $0.kind == .failure })
    }

    @Test("heartbeats say how long the rows in the engine are, once it has looked")
    func measured() {
        var harness = Harness.ready()
        harness.lease(1, [0, 1])
        harness.start([0, 1])
        let length = RowLength(milliseconds: 7_200_000, lanes: 8)
        harness.handle(.engine(.measured(ordinal: 1, length)))
        harness.wait(.seconds(6))
        guard case .heartbeat(let heartbeat)? = harness.sent.last else {
            Issue.record("no heartbeat")
            return
        }
        #expect(heartbeat.measured == [MeasuredRow(ordinal: 1, length: length)])
        harness.finish(1)
        harness.wait(.seconds(6))
        guard case .heartbeat(let later)? = harness.sent.last(where: { $0.kind == .heartbeat })
        else {
            return
        }
        #expect(later.measured.isEmpty)
    }

    @Test("a worker of tiny rows sends fewer messages than are taken, and names what is in hand")
    func tinyRows() {
        var harness = Harness.ready(window: 1 << 30)
        let before = harness.sent.count
        harness.lease(1, Array(0..<10_000))
        for ordinal in 0..<10_000 {
            // Ten thousand rows in a second.
            harness.start([ordinal])
            if ordinal > 0 { harness.finish(ordinal - 1) }
            harness.wait(.microseconds(100))
        }
        #expect(harness.sent.count - before < ClusterLimits().messagesPerSecondMax)
        harness.wait(ClusterLimits().startedLinger)
        let told = harness.sent.compactMap { message -> [Int]? in
            if case .started(let started) = message { started.ordinals } else { nil }
        }
        #expect(told.last == [9_999] && told.flatMap { $0 }.count < 2_000)
        #expect(Set(harness.results.flatMap(\.rows).map(\.ordinal)).isSubset(of: Set(0..<9_999)))
    }
}
