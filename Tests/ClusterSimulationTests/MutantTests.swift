internal import ClusterSimulation
internal import Testing

@Suite("The checker sees broken rules")
struct MutantTests {
    /// Which sentence gives a mutant away is its own affair; that one does, is not.
    @Test("a broken rule is found within 1,000 seeds", arguments: Mutant.allCases)
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
}
