internal import ClusterSimulation
internal import Testing

@Suite("The checker sees broken rules")
struct MutantTests {
    /// Which sentence gives a mutant away is its own affair; that one does, is not.
    @Test(
        "a broken rule is found within 1,000 seeds",
        arguments: Mutant.allCases.filter { $0 != .readClock })
    func mutantIsFound(mutant: Mutant) {
        let found = (0..<1_000).first {
            !Simulation.run(seed: UInt64($0), mutant: mutant).violations.isEmpty
        }
        #expect(found != nil, "\(mutant.rawValue) went unnoticed")
    }

    @Test("one seed gives one history, to the last message")
    func oneSeedOneHistory() {
        for seed: UInt64 in [3, 14, 15, 92] {
            let first = Simulation.run(seed: seed, keepsTrace: true)
            let second = Simulation.run(seed: seed, keepsTrace: true)
            #expect(first.trace == second.trace && !first.trace.isEmpty)
        }
    }

    /// I16: 40 days ahead, as a clock that was set, or began elsewhere.
    private static let shift: Int64 = 40 * 86_400 * 1_000_000_000

    @Test("what clocks show decides nothing, to the last message")
    func clocksDecideNothing() {
        for seed: UInt64 in 0..<24 {
            let here = Simulation.run(seed: seed, keepsTrace: true)
            let there = Simulation.run(seed: seed, clockShift: Self.shift, keepsTrace: true)
            #expect(here.trace == there.trace && !here.trace.isEmpty, "seed \(seed)")
        }
    }

    @Test("a decision that depends on what a clock shows gives another history")
    func readClockIsFound() {
        let found = (0..<24).first { seed in
            let here = Simulation.run(
                seed: UInt64(seed), mutant: .readClock, keepsTrace: true)
            let there = Simulation.run(
                seed: UInt64(seed), mutant: .readClock, clockShift: Self.shift, keepsTrace: true)
            return here.trace != there.trace
        }
        #expect(found != nil)
    }
}
