import SpeechTypes
import Testing

@Suite("How an engine's threads spend their time")
struct EngineStagesTests {
    private static let second = 1_000_000_000

    @Test("the time of all threads is split among stages, and nothing of it is lost")
    func split() {
        var sums = StageSums(at: 0)
        sums.add(threads: 3, at: 0)
        sums.move(from: .idle, to: .decode, at: 0)
        sums.move(from: .idle, to: .waiting, at: 0)
        sums.move(from: .decode, to: .fetch, at: 2 * Self.second)
        sums.move(from: .waiting, to: .compute, at: 5 * Self.second)
        let load = sums.load(at: 9 * Self.second, batchedMilliseconds: 70)
        #expect(load[.decode] == 2_000)
        #expect(load[.fetch] == 7_000)
        #expect(load[.waiting] == 5_000)
        #expect(load[.compute] == 4_000)
        #expect(load[.text] == 0)
        #expect(load.totalMilliseconds == 27_000)
        #expect(load.batches == 1 && load.batchedMilliseconds == 70)
        #expect(load.waitsForAudio)
    }

    @Test("who waits for windows while nobody brings audio is idle")
    func idle() {
        var sums = StageSums(at: 0)
        sums.add(threads: 2, at: 0)
        sums.move(from: .idle, to: .waiting, at: 0)
        let load = sums.load(at: Self.second, batchedMilliseconds: 0)
        #expect(load[.waiting] == 0 && load[.idle] == 2_000)
        #expect(!load.waitsForAudio)
    }

    @Test("a clock that stands still or goes back adds nothing")
    func backwards() {
        var sums = StageSums(at: 5)
        sums.add(threads: 1, at: 5)
        #expect(sums.load(at: 2, batchedMilliseconds: 0) == .zero)
    }

    @Test("a thread goes on with what it did before, also after an error")
    func nesting() throws {
        struct Fault: Error {}
        let time = Counter()
        let whole = EngineProgress(nanoseconds: { time.next(Self.second) })
        whole.begin(threads: 1)
        let thread = EngineProgress(partOf: whole)
        thread.during(.decode) {
            #expect(throws: Fault.self) { try thread.during(.fetch) { throw Fault() } }
            thread.during(.idle) {}
        }
        let load = try #require(whole.load)
        // Each change of stage is a second after the one before.
        #expect(load[.fetch] == 1_000 && load[.decode] == 3_000)
        #expect(load[.idle] == 3_000)
        #expect(EngineProgress().load == nil)
    }

    @Test("what came since an earlier reading is never negative")
    func since() {
        let later = EngineLoad(
            milliseconds: [1, 2, 3, 4, 5, 6], batches: 7, batchedMilliseconds: 8)
        let earlier = EngineLoad(
            milliseconds: [0, 5, 1, 1, 1, 1], batches: 9, batchedMilliseconds: 1)
        #expect(
            later.since(earlier)
                == EngineLoad(
                    milliseconds: [1, 0, 2, 3, 4, 5], batches: 0, batchedMilliseconds: 7))
        var sum = EngineLoad.zero
        sum += later
        #expect(sum == later)
    }
}

/// A time that goes on whenever it is looked at.
private final class Counter: @unchecked Sendable {
    private var value = 0

    func next(_ step: Int) -> Int {
        value += step
        return value
    }
}
