import Batching
import Testing

@Suite("Batch planning")
struct BatchPlannerTests {
    private var limits: BatchLimits {
        var limits = BatchLimits()
        limits.framesMax = 1_000
        limits.framesMin = 100
        limits.windowsMax = 8
        return limits
    }

    @Test("nothing waiting, nothing taken")
    func empty() {
        #expect(BatchPlanner(limits: limits).nextBatch(frames: [], shares: 2).isEmpty)
    }

    @Test("the oldest window is always taken, even beyond the budget")
    func oldest() {
        #expect(BatchPlanner(limits: limits).nextBatch(frames: [5_000, 10], shares: 1) == [0])
    }

    @Test("windows of like length go together")
    func likeness() {
        let batch = BatchPlanner(limits: limits).nextBatch(
            frames: [300, 50, 310, 900, 290, 20], shares: 1)
        #expect(batch == [0, 1, 2, 4, 5])
    }

    @Test("little work is shared between threads")
    func sharing() {
        let frames = [200, 200, 200, 200]
        #expect(BatchPlanner(limits: limits).nextBatch(frames: frames, shares: 2) == [0, 1])
        #expect(BatchPlanner(limits: limits).nextBatch(frames: frames, shares: 1) == [0, 1, 2, 3])
    }

    @Test("attention's square is counted")
    func quadratic() {
        var limits = limits
        limits.framesMax = 100_000
        limits.costMax = 30_000
        let batch = BatchPlanner(limits: limits).nextBatch(frames: [10_000, 10_000], shares: 1)
        #expect(batch == [0])
    }

    @Test("every window is taken once, whatever waits", arguments: UInt64(1)..<50)
    func complete(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: UInt64) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % bound)
        }
        let planner = BatchPlanner(limits: limits)
        var waiting = (0..<100).map { _ in 1 + next(1_800) }
        var rounds = 0
        while !waiting.isEmpty {
            let batch = planner.nextBatch(frames: waiting, shares: 1 + next(4))
            #expect(batch.first == 0, "seed \(seed)")
            #expect(batch == Array(Set(batch)).sorted(), "seed \(seed)")
            #expect(batch.count <= limits.windowsMax, "seed \(seed)")
            let frames = batch.reduce(0) { $0 + waiting[$1] }
            #expect(batch.count == 1 || frames <= limits.framesMax, "seed \(seed)")
            for position in batch.reversed() { waiting.remove(at: position) }
            rounds += 1
        }
        #expect(rounds <= 100)
    }
}
