import Batching
import Testing

@Suite("How a worker divides its memory")
struct MemoryPlanTests {
    private let demand = MemoryDemand(
        resident: 250_000_000, batch: 30_000_000, helper: 8_000_000, audioThread: 8_000_000,
        textThread: 100_000, waitingFrame: 1_280, lane: 5_000_000, reserve: 16_000_000)

    private func best(_ limit: Int, threads: Int = 8, rowBytes: Int = 0) -> MemoryPlan? {
        MemoryPlan.fastest(
            within: limit, threads: threads, demand: demand, framesOfBatch: 1_000,
            rowBytes: rowBytes)
    }

    @Test("with enough memory each thread has a batch, and more memory changes nothing")
    func plenty() throws {
        let unlimited = MemoryPlan.unlimited(threads: 8, framesOfBatch: 1_000)
        var plan = try #require(best(4_000_000_000))
        #expect(plan.rowBytesMax > 3_000_000_000)
        plan.rowBytesMax = 0
        #expect(plan == unlimited)
        #expect(unlimited.batchesAtOnce == 8)
        #expect(unlimited.audioThreads == 8)
    }

    @Test("every plan stays within its limit, and more memory never makes a slower one")
    func limits() throws {
        let least = MemoryPlan.leastBytes(demand)
        #expect(best(least - 1) == nil)
        #expect(try #require(best(least)).threads == 1)
        var before = MemoryPlan.smallest
        for limit in stride(from: least, to: least + 500_000_000, by: 1_000_000) {
            let plan = try #require(best(limit))
            #expect(plan.bytes(demand) + plan.rowBytesMax == limit)
            #expect(
                (plan.threads, plan.batchesAtOnce) >= (before.threads, before.batchesAtOnce),
                "\(limit)")
            before = plan
        }
        #expect(before.batchesAtOnce == 8)
    }

    @Test("threads without a batch of their own are kept as long as their scratch memory fits")
    func helpers() throws {
        let least = MemoryPlan.leastBytes(demand)
        let plan = try #require(best(least + 7 * demand.helper))
        #expect(plan.threads == 8)
        #expect(plan.batchesAtOnce == 1)
    }

    @Test("a recording in one pass gets what batches of others would take, but no thread less")
    func rows() throws {
        let usual = try #require(best(700_000_000))
        let long = try #require(best(700_000_000, rowBytes: .max))
        #expect(long.rowBytesMax > usual.rowBytesMax)
        #expect(long.batchesAtOnce == 1)
        #expect(long.threads == usual.threads)
        let some = try #require(best(700_000_000, rowBytes: usual.rowBytesMax))
        #expect(some == usual)
    }
}
