internal import ClusterSimulation
internal import Testing

@Suite("The tail of a job")
struct TailTests {
    /// Ten workers and 1,000 rows of 1 to 30 seconds: ten minutes of work.
    private func world(slowSpeed: Int, isHonest: Bool) -> SimulatedCluster.World {
        var world = SimulatedCluster.World()
        world.seed = 11
        let lengths = (0..<1_000).map { 1_000 + $0 * 7_919 % 29_000 }
        world.input = SimulatedInput(
            behaviors: lengths.map { _ in .good }, audioMilliseconds: lengths)
        world.hosts = Array(0..<10)
        world.speeds = Array(repeating: 2_500, count: 9) + [slowSpeed]
        world.claimedSpeeds = world.speeds
        if !isHonest { world.claimedSpeeds[9] = 2_500 }
        world.batchRowsMax = 4
        world.checksEveryTurn = false
        return world
    }

    /// Seconds that the job takes, and would if the work could be divided at will.
    private func makespan(_ world: SimulatedCluster.World) -> (took: Double, ideal: Double) {
        let report = Simulation.run(world)
        #expect(report.violations.isEmpty)
        let audio = (0..<world.input.rowCount).reduce(0) {
            $0 + world.input.audioMilliseconds(of: $1)
        }
        return (report.seconds, Double(audio) / Double(world.speeds.reduce(0, +)))
    }

    @Test(
        "one worker in ten that is ten times slower costs at most a tenth, whether it says so or not",
        arguments: [true, false])
    func slowWorker(isHonest: Bool) {
        let (took, ideal) = makespan(world(slowSpeed: 250, isHonest: isHonest))
        #expect(took <= 1.10 * ideal, "\(took) s, ideal \(ideal) s")
        #expect(took >= ideal)
    }

    @Test(
        "a worker whose engine stands still costs a copy of its rows, not its watchdog's patience")
    func stuckWorker() {
        var stuck = world(slowSpeed: 2_500, isHonest: true)
        stuck.faults.faults = [(590_000, .stickEngine(slot: 3))]
        stuck.faults.endMilliseconds = 3_600_000
        let (took, ideal) = makespan(stuck)
        #expect(took <= 1.10 * ideal, "\(took) s, ideal \(ideal) s")
    }
}
