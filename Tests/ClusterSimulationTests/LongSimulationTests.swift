internal import ClusterSimulation
internal import JobState
internal import Testing

#if canImport(Glibc)
    internal import Glibc
#endif

/// A long job under constant faults; `SCRIPTORIUM_SIMULATION_HOURS` asks for more.
@Suite("A long simulation")
struct LongSimulationTests {
    private static let hours: Int = {
        guard let text = getenv("SCRIPTORIUM_SIMULATION_HOURS"),
            let count = Int(String(cString: text)), count >= 4
        else { return 8 }
        return count
    }()

    /// Four slots with work for all hours even if nothing went wrong.
    private var world: SimulatedCluster.World {
        var world = SimulatedCluster.World()
        world.seed = 72
        world.hosts = [0, 0, 1, 1]
        world.speeds = [1_500, 2_000, 2_000, 2_500]
        world.claimedSpeeds = world.speeds
        world.batchRowsMax = 8
        world.checksEveryTurn = false
        let rows = Self.hours * 3_600 * 8_000 / 15_500
        let lengths = (0..<rows).map { 1_000 + $0 * 7_919 % 29_000 }
        world.input = SimulatedInput(
            behaviors: lengths.map { _ in .good }, audioMilliseconds: lengths)
        world.faults = FaultPlan(throughout: Self.hours, seed: world.seed, slots: 4)
        return world
    }

    @Test("hours of constant trouble lose no row, and what the coordinator remembers stays level")
    func staysLevel() {
        let world = world
        var cluster = SimulatedCluster(world)
        var remembered: [Int] = []
        for minute in 1...Self.hours * 60 {
            cluster.run(until: .seconds(minute * 60))
            if let count = cluster.remembered { remembered.append(count) }
        }
        #expect(!cluster.isFinished, "there was trouble all the time that there was work")
        cluster.run(until: .seconds(Self.hours * 3_600 * 2))
        #expect(cluster.violations.isEmpty)
        #expect(cluster.isFinished)
        let complete = (0..<world.input.rowCount).count { cluster.outcome(of: $0)?.record != nil }
        #expect(complete == world.input.rowCount)

        let quarter = remembered.count / 4
        let second = median(remembered[quarter..<2 * quarter])
        let last = median(remembered[(3 * quarter)...])
        print(
            "\(Self.hours) h, \(world.input.rowCount) rows, \(world.faults.faults.count) faults, "
                + "\(cluster.epoch) lives of the coordinator, \(cluster.steps) steps; things "
                + "remembered in the second quarter \(second), in the last \(last)")
        // A day of leftovers would be thousands; what is held at a moment varies by some dozen.
        #expect(last <= second + second / 4 + 20)
    }

    private func median(_ values: ArraySlice<Int>) -> Int {
        values.sorted()[values.count / 2]
    }
}
