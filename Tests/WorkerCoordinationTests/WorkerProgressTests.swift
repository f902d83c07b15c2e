internal import ClusterProtocol
internal import SpeechTypes
internal import Testing
internal import WorkerCoordination

@Suite("What a worker's session tells of its engine")
struct WorkerProgressTests {
    private typealias Desk = WorkerSessionTests.Desk

    @Test("an engine that makes steps is waited for, however long its row is")
    func steps() {
        var limits = ClusterLimits()
        limits.giveUpAfter = .seconds(1_000_000)
        var desk = Desk(limits: limits)
        desk.handle(.connected)
        desk.welcome()
        desk.lease(1, [0])
        desk.start([0])
        for second in 0..<20_000 {
            if second % (StallLimits.engineSeconds - 10) == 0 {
                desk.handle(.progress(computedMilliseconds: second))
            }
            desk.wait(.seconds(1))
            if desk.sent.count > 100 { desk.sent.removeFirst(50) }
        }
        #expect(desk.exit == nil)
        let ages = desk.sent.compactMap { message -> Int? in
            guard case .heartbeat(let heartbeat) = message else { return nil }
            return heartbeat.progressAgeMilliseconds
        }
        #expect(ages.max() ?? .max < StallLimits.engineSeconds * 1_000)
        for _ in 0..<StallLimits.engineSeconds + 2 { desk.wait(.seconds(1)) }
        #expect(desk.exit?.status == 70)
    }

    @Test("heartbeats say how long the rows in the engine are, once it has looked")
    func measured() {
        var desk = Desk.ready()
        desk.lease(1, [0, 1])
        desk.start([0, 1])
        let length = RowLength(milliseconds: 7_200_000, lanes: 8)
        desk.handle(.engine(.measured(ordinal: 1, length)))
        desk.wait(.seconds(6))
        guard case .heartbeat(let heartbeat)? = desk.sent.last else {
            Issue.record("no heartbeat")
            return
        }
        #expect(heartbeat.measured == [MeasuredRow(ordinal: 1, length: length)])
        desk.finish(1)
        desk.wait(.seconds(6))
        guard case .heartbeat(let later)? = desk.sent.last(where: { $0.kind == .heartbeat }) else {
            return
        }
        #expect(later.measured.isEmpty)
    }

    @Test("a worker of tiny rows sends fewer messages than are taken, and names what is in hand")
    func tinyRows() {
        var desk = Desk.ready(window: 1 << 30)
        let before = desk.sent.count
        desk.lease(1, Array(0..<10_000))
        for ordinal in 0..<10_000 {
            // Ten thousand rows in a second.
            desk.start([ordinal])
            if ordinal > 0 { desk.finish(ordinal - 1) }
            desk.wait(.microseconds(100))
        }
        #expect(desk.sent.count - before < ClusterLimits().messagesPerSecondMax)
        desk.wait(ClusterLimits().startedLinger)
        let told = desk.sent.compactMap { message -> [Int]? in
            if case .started(let started) = message { started.ordinals } else { nil }
        }
        #expect(told.last == [9_999] && told.flatMap { $0 }.count < 2_000)
        #expect(Set(desk.results.flatMap(\.rows).map(\.ordinal)).isSubset(of: Set(0..<9_999)))
    }
}
