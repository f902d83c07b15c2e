import ClusterProtocol
import CoordinatorState
import JobState
import SpeechTypes
import Testing

@Suite("What workers tell of their time")
struct LoadHistoryTests {
    private func load(computed: Int) -> WorkerLoad {
        WorkerLoad(
            engine: EngineLoad(
                milliseconds: [0, 0, computed, 0, 0, 0], batches: 0, batchedMilliseconds: 0),
            residentBytes: 1)
    }

    private func instant(_ seconds: Int) -> Instant {
        Instant(nanoseconds: Int64(seconds) * 1_000_000_000)
    }

    @Test("of a new worker all counts, of one that comes back what is new")
    func firstReading() {
        var new = LoadHistory(isContinued: false)
        #expect(new.add(load(computed: 700), at: instant(5))[.compute] == 700)
        #expect(new.add(load(computed: 1_000), at: instant(10))[.compute] == 300)
        var known = LoadHistory(isContinued: true)
        #expect(known.add(load(computed: 700), at: instant(5))[.compute] == 0)
        #expect(known.add(load(computed: 1_000), at: instant(10))[.compute] == 300)
    }

    @Test("the last minute is what came since the reading before it")
    func recent() {
        var history = LoadHistory(isContinued: false)
        #expect(history.recent == .zero)
        for second in stride(from: 5, through: 300, by: 5) {
            _ = history.add(load(computed: second * 10), at: instant(second))
        }
        #expect(history.recent[.compute] == 650)
        #expect(history.latest == load(computed: 3_000))
    }
}
