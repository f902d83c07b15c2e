internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import Testing

@Suite("Sources, slots and fleets that are at fault")
struct HealthTests {
    private var limits: ClusterLimits {
        var limits = ClusterLimits()
        limits.sourceFailuresMin = 4
        limits.sourceWindow = 10
        return limits
    }

    /// Rows that failed so far, each another one.
    private final class Rows {
        var count = 0
    }
    private let rows = Rows()

    private func fail(
        _ sources: inout SourceHealth, row: Int? = nil, slot: String, slotsThere: Int = 9,
        hostsMin: Int = 1, at now: Instant = at(0)
    ) -> SourceHealth.Verdict {
        rows.count += 1
        return sources.fail(
            "server", row ?? 1_000 + rows.count, slot: slot, slotsThere: slotsThere,
            hostsMin: hostsMin, at: now, firstProbe: now + .seconds(30), limits: limits)
    }

    @Test("a source is away when enough of its last rows failed in three slots")
    func opens() {
        var sources = SourceHealth()
        #expect(fail(&sources, slot: "a/0") == .charge)
        #expect(fail(&sources, slot: "a/1") == .charge)
        #expect(fail(&sources, slot: "a/1") == .charge)
        #expect(fail(&sources, slot: "a/1") == .charge, "four failures, but not in three slots")
        #expect(fail(&sources, slot: "a/2") == .opened(slots: 3))
        #expect(fail(&sources, slot: "a/2") == .wait)
        #expect(sources.isAnyAway && sources.isAway("server", for: 1))
    }

    @Test("a source that fails all of a small fleet is away, too")
    func smallFleet() {
        var one = SourceHealth()
        for _ in 0..<3 { #expect(fail(&one, slot: "a/0", slotsThere: 1) == .charge) }
        #expect(fail(&one, slot: "a/0", slotsThere: 1) == .opened(slots: 1))
        var two = SourceHealth()
        for _ in 0..<4 { #expect(fail(&two, slot: "a/0", slotsThere: 2) == .charge) }
        #expect(fail(&two, slot: "a/1", slotsThere: 2) == .opened(slots: 2))
    }

    @Test("a few rows that never come say nothing about their source, however often they are tried")
    func fewRows() {
        var sources = SourceHealth()
        for turn in 0..<60 {
            #expect(fail(&sources, row: turn % 3, slot: "a/\(turn % 3)") == .charge)
        }
    }

    @Test("the first failure of a source is news, and the next one only after it was away")
    func news() {
        var sources = SourceHealth()
        let told = ["server", "server", "other"].map { sources.isNews($0) }
        #expect(told == [true, false, true])
        for slot in ["a/0", "a/1", "a/1", "a/2"] { _ = fail(&sources, slot: slot) }
        let whileAway = sources.isNews("server")
        _ = sources.answer("server", 1, slot: "a/0", limits: limits)
        let after = sources.isNews("server")
        #expect(!whileAway && after)
    }

    @Test("of a fleet on several hosts, one host alone says nothing")
    func oneHost() {
        var sources = SourceHealth()
        for slot in ["a/0", "a/1", "a/2", "a/0"] {
            #expect(fail(&sources, slot: slot, hostsMin: 2) == .charge)
        }
        #expect(fail(&sources, slot: "b/0", hostsMin: 2) == .opened(slots: 4))
    }

    @Test("rows that the source answered keep it from being at fault")
    func answers() {
        var sources = SourceHealth()
        #expect(fail(&sources, slot: "a/9") == .charge)
        for row in 0..<5 {
            #expect(sources.answer("server", row, slot: "a/0", limits: limits) == nil)
        }
        for slot in ["a/0", "a/1", "a/2"] { #expect(fail(&sources, slot: slot) == .charge) }
    }

    @Test("one row at a time tries the source, and its answer frees all that waited")
    func probes() {
        var sources = SourceHealth()
        for slot in ["a/0", "a/1", "a/1", "a/2"] { _ = fail(&sources, slot: slot) }
        for ordinal in [1, 2, 3] { sources.wait(ordinal, for: "server") }
        let early = sources.probe(
            at: at(29), interval: { _ in .seconds(30) }, isWaiting: { _ in true })
        #expect(early.isEmpty)
        let first = sources.probe(
            at: at(30), interval: { _ in .seconds(30) }, isWaiting: { $0 != 3 })
        #expect(first == [2], "the row that has its outcome meanwhile is passed over")
        #expect(!sources.isAway("server", for: 2) && sources.isAway("server", for: 1))
        #expect(sources.answer("server", 2, slot: "a/0", limits: limits) == [1])
        #expect(!sources.isAnyAway)
    }

    @Test("a source that was away for a day is not waited for any longer")
    func exhausted() {
        var sources = SourceHealth()
        for slot in ["a/0", "a/1", "a/1", "a/2"] { _ = fail(&sources, slot: slot) }
        sources.wait(5, for: "server")
        let late = at(86_401)
        #expect(fail(&sources, slot: "a/0", at: late) == .exhausted(waited: [5]))
        for slot in ["a/0", "a/1", "a/2", "a/3"] {
            #expect(fail(&sources, slot: slot, at: late) == .charge)
        }
    }

    @Test("a slot whose worker fails three times is benched, for twice as long each time")
    func bench() {
        var fleet = FleetHealth()
        let limits = limits
        #expect(fleet.workerFailed(in: "a/0", at: at(0), limits: limits) == false)
        #expect(fleet.workerFailed(in: "a/0", at: at(1), limits: limits) == false)
        #expect(
            fleet.workerFailed(in: "a/0", at: at(602), limits: limits) == false,
            "the first two are old")
        #expect(fleet.workerFailed(in: "a/0", at: at(603), limits: limits) == false)
        #expect(fleet.workerFailed(in: "a/0", at: at(604), limits: limits) == true)
        fleet.bench("a/0", at: at(1_000), limits: limits)
        #expect(fleet.isBenched("a/0", at: at(1_599)) && !fleet.isBenched("a/0", at: at(1_600)))
        fleet.bench("a/0", at: at(2_000), limits: limits)
        #expect(fleet.isBenched("a/0", at: at(3_199)) && !fleet.isBenched("a/0", at: at(3_200)))
        #expect(!fleet.isBenched("b/0", at: at(2_001)))
    }

    @Test("engine failures of a fifth of the rows in three slots make the fleet suspect")
    func suspectFleet() {
        var fleet = FleetHealth()
        let limits = limits
        for _ in 0..<45 { fleet.rowTranscribed(limits: limits) }
        for count in 1...11 {
            #expect(fleet.engineFailed(in: "a/\(count % 3)", limits: limits) == false)
        }
        #expect(fleet.engineFailed(in: "a/0", limits: limits) == true, "12 of 57")
        var oneSlot = FleetHealth()
        for _ in 0..<60 { #expect(oneSlot.engineFailed(in: "a/0", limits: limits) == false) }
    }

    @Test("the speed of a fleet is that of the last while, and unknown at first")
    func speed() {
        var speed = FleetSpeed(window: .seconds(30), at: at(0))
        #expect(speed.speed(at: at(0)) == 0)
        speed.add(audioMilliseconds: 2_000, at: at(0))
        #expect(speed.speed(at: at(2)) == 1_000, "there is nothing else to go by")
        for second in 1...10 { speed.add(audioMilliseconds: 2_000, at: at(Int64(second))) }
        #expect(speed.speed(at: at(10)) == 2_000)
        #expect(speed.speed(at: at(100)) == 0, "nothing was computed in the last 30 s")
    }

    @Test("what the first results took to come does not make a fleet slower than it is")
    func firstResults() {
        var speed = FleetSpeed(window: .seconds(30), at: at(0))
        // Two workers with a batch of eight rows each, of which each takes four seconds.
        for second in stride(from: 4, through: 12, by: 4) {
            for _ in 0..<16 { speed.add(audioMilliseconds: 5_000, at: at(Int64(second))) }
        }
        #expect(speed.speed(at: at(12)) == 20_000)
        for second in stride(from: 16, through: 60, by: 4) {
            for _ in 0..<16 { speed.add(audioMilliseconds: 5_000, at: at(Int64(second))) }
        }
        #expect((18_000...22_000).contains(speed.speed(at: at(60))), "the window leaves the first")
    }

    @Test("half a minute after a fleet has changed, its speed is the new one")
    func changedFleet() {
        var speed = FleetSpeed(window: ClusterLimits().speedWindow, at: at(0))
        for second in 0..<300 { speed.add(audioMilliseconds: 8_000, at: at(Int64(second))) }
        for second in 300..<332 { speed.add(audioMilliseconds: 2_000, at: at(Int64(second))) }
        #expect((1_900...2_100).contains(speed.speed(at: at(332))), "\(speed.speed(at: at(332)))")
    }

    @Test("the usual lateness is what 95 of 100 rows stay below, once 20 are known")
    func lateness() {
        var lateness = Lateness()
        for _ in 0..<19 { lateness.add(elapsed: 100, predicted: 100) }
        #expect(lateness.usualPercent == nil)
        lateness.add(elapsed: 300, predicted: 100)
        #expect(lateness.usualPercent == 300)
        for _ in 0..<20 { lateness.add(elapsed: 100, predicted: 100) }
        #expect(lateness.usualPercent == 100, "one of 40 is more than the usual")
    }
}
