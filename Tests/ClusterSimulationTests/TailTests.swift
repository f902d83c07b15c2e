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

    /// Eight workers at fifteen times real time, a recording of 20 h, and 1,000 of other lengths.
    private func archive(of seconds: ClosedRange<Int>) -> SimulatedCluster.World {
        var world = SimulatedCluster.World()
        world.seed = 12
        let width = seconds.upperBound - seconds.lowerBound + 1
        let others = (0..<1_000).map { 1_000 * (seconds.lowerBound + $0 * 7_919 % width) }
        let lengths = others[..<500] + [20 * 3_600_000] + others[500...]
        world.input = SimulatedInput(
            behaviors: lengths.map { _ in .good }, audioMilliseconds: Array(lengths))
        world.hosts = Array(0..<8)
        world.speeds = Array(repeating: 15_000, count: 8)
        world.claimedSpeeds = world.speeds
        world.checksEveryTurn = false
        return world
    }

    @Test(
        "a recording of 20 hours is begun first, so that a job of 187 hours ends when its work does"
    )
    func longRecordingAmongMuch() {
        let (took, ideal) = makespan(archive(of: 300...900))
        #expect(took <= 1.05 * ideal, "\(took) s, ideal \(ideal) s")
    }

    @Test(
        "among 1,000 short ones it is the work of all workers, and else of one that the others wait for"
    )
    func longRecordingAmongLittle() {
        var world = archive(of: 10...10)
        let longest = 20.0 * 3_600_000 / Double(world.speeds[0])
        let alone = makespan(world)
        #expect(alone.took >= longest && longest > 6 * alone.ideal)
        world.sharesRows = true
        let shared = makespan(world)
        #expect(shared.took <= 1.10 * shared.ideal, "\(shared.took) s, ideal \(shared.ideal) s")
        #expect(shared.took >= shared.ideal)
    }

    @Test("so it is where workers die every few minutes")
    func longRecordingAndDeaths() {
        var world = archive(of: 10...10)
        world.sharesRows = true
        world.faults.faults = (0..<4).map { (100_000 * ($0 + 1), .crashWorker(slot: $0)) }
        world.faults.endMilliseconds = 3_600_000
        let (took, ideal) = makespan(world)
        #expect(took <= 1.30 * ideal, "\(took) s, ideal \(ideal) s")
    }
}
