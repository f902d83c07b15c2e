internal import ClusterProtocol
internal import JobState
internal import SpeechTypes

/// A world drawn from a seed, run to its end: what tests run by the thousand, and a command by one.
package struct Simulation {
    /// How a run went.
    package struct Report: Sendable {
        package let seed: UInt64
        /// What the world was, in a line.
        package let world: String
        /// Rules that were broken; empty if all held and the job got done.
        package let violations: [String]
        /// What happened, a line each; empty unless asked for.
        package let trace: [String]
        package let steps: Int
        /// Virtual seconds until the job was done.
        package let seconds: Double
        package let epochs: Int
        /// The most workers that one poison row took.
        package let workersTakenByOneRow: Int
        package let poisonRows: Int
    }

    /// Runs the world of `seed`.
    package static func run(
        seed: UInt64, mutant: Mutant? = nil, clockShift: Int64 = 0, keepsTrace: Bool = false
    ) -> Report {
        var world = world(of: seed)
        world.mutant = mutant
        world.clockShift = clockShift
        return run(world, keepsTrace: keepsTrace)
    }

    /// The world of a failing seed with as few faults as still make it fail.
    package static func shrunk(seed: UInt64, mutant: Mutant? = nil) -> SimulatedCluster.World {
        var world = world(of: seed)
        world.mutant = mutant
        var isShrinking = true
        while isShrinking {
            isShrinking = false
            for plan in world.faults.simpler {
                var simpler = world
                simpler.faults = plan
                guard !run(simpler).violations.isEmpty else { continue }
                world = simpler
                isShrinking = true
                break
            }
        }
        return world
    }

    /// Runs a world to its end.
    package static func run(
        _ world: SimulatedCluster.World, keepsTrace: Bool = false
    ) -> Report {
        var cluster = SimulatedCluster(world, keepsTrace: keepsTrace)
        cluster.run(until: deadline(of: world))
        var violations = cluster.violations
        if violations.isEmpty, !cluster.isFinished {
            violations.append("P1: the job is not done long after the last fault")
        }
        if violations.isEmpty { violations = differencesFromUndisturbed(cluster, world) }
        return Report(
            seed: world.seed, world: description(of: world), violations: violations,
            trace: cluster.trace, steps: cluster.steps,
            seconds: Double(cluster.now.nanoseconds) / 1e9, epochs: cluster.epoch,
            workersTakenByOneRow: cluster.workersTakenByOneRow,
            poisonRows: world.input.behaviors.count(where: \.isPoison))
    }

    /// I3: the same job without a fault, run to its end.
    private static func differencesFromUndisturbed(
        _ cluster: SimulatedCluster, _ world: SimulatedCluster.World
    ) -> [String] {
        let reference = Undisturbed.world(world)
        var undisturbed = SimulatedCluster(reference)
        undisturbed.run(until: deadline(of: reference))
        guard undisturbed.violations.isEmpty, undisturbed.isFinished else {
            return ["undisturbed, the job is not done: \(undisturbed.violations)"]
        }
        return Undisturbed.differences(
            in: world.input, of: cluster.outcome(of:), from: undisturbed.outcome(of:))
    }

    /// Draws a world.
    package static func world(of seed: UInt64) -> SimulatedCluster.World {
        var random = SeededGenerator(seed: seed)
        var world = SimulatedCluster.World()
        world.seed = seed
        let slots = random.happens(100) ? random.draw(6...12) : random.draw(1...5)
        let hosts = random.draw(1...max(1, min(slots, 3)))
        world.hosts = (0..<slots).map { $0 % hosts }
        let speed = random.draw(5_000...60_000)
        world.speeds = (0..<slots).map { _ in random.happens(100) ? speed / 15 : speed }
        world.batchRowsMax = random.draw(1...8)
        let rows =
            random.happens(30)
            ? 0 : random.happens(100) ? random.draw(61...200) : random.draw(1...60)
        let lengthMax = random.draw(100...40_000)
        let durations = (0..<rows).map { _ in random.draw(0...lengthMax) }
        let failingPermille = random.happens(500) ? random.draw(0...150) : 0
        let sources = random.draw(1...3)
        world.memoryBytes = (0..<slots).map { _ in random.happens(300) ? 4 << 30 : 1 << 30 }
        var behaviors = durations.map { _ in
            random.happens(failingPermille)
                ? behavior(&random, slots: slots, hosts: hosts) : .good
        }
        // From a generator of its own, so that all other worlds stay what they were.
        var rare = SeededGenerator(seed: seed ^ 0x0a70_0ce0)
        if rows > 0, rare.happens(40) { behaviors[rare.draw(0...rows - 1)] = .poisonsAtOnce }
        world.input = SimulatedInput(
            behaviors: behaviors, audioMilliseconds: durations,
            sources: durations.map { _ in random.draw(0...sources - 1) })
        world.claimedSpeeds = world.speeds.map { random.happens(50) ? $0 * 3 : $0 }
        world.faults =
            random.happens(80)
            ? FaultPlan() : FaultPlan(drawnFrom: &random, slots: slots, sources: sources)
        var more = SeededGenerator(seed: seed ^ 0x5ec0_0d00)
        world.faults.add(drawnFrom: &more)
        world.faults.endMilliseconds = max(1_000, world.faults.endMilliseconds)
        if world.faults.isPausesOnly { world.eventsPerTurnMax = 3 }
        world.hasParent = random.happens(500)
        world.poisonIsKilled = random.happens(300)
        world.limits.sourceFailuresMin = random.draw(3...10)
        world.limits.suspectFleetRowsMin = random.draw(5...50)
        world.encodesMessages = random.happens(60)
        world.limits.leaseRowsMax = random.draw(1...24)
        world.limits.windowBytesMax = random.draw(2_000...60_000)
        world.limits.windowBytesMin = 1_000
        world.limits.windowBytesTotal = 200_000
        var apart = SeededGenerator(seed: seed ^ 0xfea7_0035)
        world.hasFeatures = apart.happens(300)
        shareRows(&world, seed)
        return world
    }

    /// Some worlds have long rows that several workers share.
    private static func shareRows(_ world: inout SimulatedCluster.World, _ seed: UInt64) {
        var random = SeededGenerator(seed: seed ^ 0x0517_a2ed)
        // Jobs go on for long with such rows. Where workers of one slot end again and again meanwhile, two of them
        // are started in it sooner or later, and the rule for what is lost in quiet times does not know that.
        let isWorkerFailing = world.input.behaviors.contains {
            if case .workerFails = $0 { true } else { false }
        }
        guard !world.hasFeatures, !isWorkerFailing, world.input.rowCount > 0, random.happens(400)
        else { return }
        var lengths = (0..<world.input.rowCount).map { world.input.audioMilliseconds(of: $0) }
        for _ in 0..<random.draw(1...3) {
            lengths[random.draw(0...lengths.count - 1)] = random.draw(60_000...900_000)
        }
        world.input = SimulatedInput(
            behaviors: world.input.behaviors, audioMilliseconds: lengths,
            sources: lengths.indices.map { world.input.sourceNumber(of: $0) })
        world.sharesRows = true
        world.limits.sharedMillisecondsMin = 60_000
        world.limits.sharedShareOfJob = 1_000_000
        world.limits.spanWindows = random.draw(1...6)
        world.limits.begunMillisecondsMax = random.happens(200) ? 1 : 3_600_000
        if random.happens(100) { world.limits.joinBytesMax = 100 }
        world.olderSlots = Set(world.hosts.indices.filter { _ in random.happens(150) })
    }

    private static func behavior(
        _ random: inout SeededGenerator, slots: Int, hosts: Int
    ) -> RowBehavior {
        switch random.draw(0...8) {
        case 0: .missing
        case 1: .missingOnHost(random.draw(0...hosts - 1))
        case 2: .failsEngine
        case 3: .failsEngineOnSlot(random.draw(0...slots - 1))
        case 4: .poison
        case 6: .hangs
        case 7: .large(random.happens(500) ? 2 << 30 : 8 << 30)
        case 8 where slots > 1: .workerFails(random.draw(0...slots - 1))
        default: .invalid
        }
    }

    /// P1: the remaining work at the speed of the slowest, alone, and what waiting there may be.
    private static func deadline(of world: SimulatedCluster.World) -> Duration {
        let audio = (0..<world.input.rowCount).reduce(0) {
            $0 + world.input.audioMilliseconds(of: $1)
        }
        let poison = world.input.behaviors.count(where: \.isPoison)
        let work = 4 * audio / (world.speeds.min() ?? 1)
        // Each loss of a poison row may take a watchdog's patience, and a rest.
        let watchdog = (world.limits.engineStall.wholeMilliseconds + 10_000) / 1_000
        let stalls = 3 * 15 + 2 * 60 + watchdog * (1 + 8 * poison) + (poison > 0 ? 8 * 75 : 0)
        // Rest after losses of others, a source's back-off, a bench.
        let waits = 2 * 60 + 300 + 600
        return .milliseconds(world.faults.endMilliseconds) + .seconds(60 + work + stalls + waits)
    }

    private static func description(of world: SimulatedCluster.World) -> String {
        let faults = world.faults
        return "\(world.hosts.count) slots on \(Set(world.hosts).count) hosts, "
            + "\(world.input.rowCount) rows, \(faults.faults.count) faults in "
            + "\(faults.endMilliseconds) ms, drops \(faults.drops), repeats \(faults.repeats), "
            + "delays \(faults.delays), reorders \(faults.reorders), "
            + "boundary crashes \(faults.boundaryCrashes)"
    }
}
