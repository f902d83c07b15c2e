internal import ClusterSimulation
internal import Testing

#if canImport(Glibc)
    internal import Glibc
#endif

@Suite("Worlds drawn from seeds")
struct SeedTests {
    /// Seeds of a run; `SCRIPTORIUM_SIMULATION_SEEDS` asks for more.
    static let seeds: Int = {
        guard let text = getenv("SCRIPTORIUM_SIMULATION_SEEDS"),
            let count = Int(String(cString: text))
        else { return 1_000 }
        return count
    }()
    static let groups = 24

    /// Workers that live were replaced in their slots again and again, with one and the same row alone in their
    /// engines.
    @Test("worlds that once went wrong", arguments: [11_984, 34_066, 72_115] as [UInt64])
    func worldsThatOnceWentWrong(seed: UInt64) {
        #expect(Simulation.run(seed: seed).violations.isEmpty)
    }

    @Test(
        "every row ends once, with its own record, whatever happens to workers, network and disk",
        arguments: 0..<groups)
    func everyRowEndsOnce(group: Int) {
        for seed in stride(from: group, to: Self.seeds, by: Self.groups) {
            let report = Simulation.run(seed: UInt64(seed))
            guard !report.violations.isEmpty else { continue }
            let shrunk = Simulation.shrunk(seed: UInt64(seed))
            let traced = Simulation.run(shrunk, keepsTrace: true)
            let tail = traced.trace.suffix(60).joined(separator: "\n")
            Issue.record(
                """
                seed \(seed): \(report.violations.joined(separator: "; "))
                world: \(report.world)
                of which is enough: \(traced.violations.joined(separator: "; "))
                \(shrunk.faults.summary)
                \(tail)
                """)
        }
    }
}
