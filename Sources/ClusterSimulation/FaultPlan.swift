/// What goes wrong in a simulated world, drawn from its seed (swarm testing: each world has its own
/// mix, and most kinds of trouble are absent from any one of them).
package struct FaultPlan: Sendable {
    /// One thing that happens at a time.
    package enum Fault: Hashable, Sendable {
        case crashWorker(slot: Int)
        /// The process gets no time, then goes on.
        case freezeWorker(slot: Int, milliseconds: Int)
        /// The engine stands still; heartbeats go on.
        case stickEngine(slot: Int)
        /// A second process starts in the slot.
        case doubleWorker(slot: Int)
        case cut(slots: [Int], toCoordinator: Bool, fromCoordinator: Bool, milliseconds: Int)
        case crashCoordinator
        /// Everything on the machine dies together.
        case crashEverything
        case drainWorker(slot: Int)
        case drainCoordinator
        case failCommit
        case stallDisk(milliseconds: Int)
    }

    /// Faults by when they happen, in milliseconds from the start.
    package var faults: [(atMilliseconds: Int, fault: Fault)] = []
    /// Messages in a thousand.
    package var drops = 0
    package var repeats = 0
    package var delays = 0
    /// Messages overtake each other.
    package var reorders = false
    /// Effects in ten thousand after which the coordinator dies.
    package var boundaryCrashes = 0
    /// A worker that mixes up the rows of its results; nil for none.
    package var confusedSlot: Int?
    /// After this everything is mended and must get done.
    package var endMilliseconds = 0

    /// Nothing goes wrong.
    package init() {}

    init(drawnFrom random: inout SeededGenerator, slots: Int) {
        endMilliseconds = random.draw(2_000...60_000)
        if random.happens(400) { drops = random.draw(1...200) }
        if random.happens(300) { repeats = random.draw(1...200) }
        if random.happens(300) { delays = random.draw(1...300) }
        reorders = random.happens(150)
        if random.happens(150) { boundaryCrashes = random.draw(1...60) }
        if slots > 1, random.happens(100) { confusedSlot = random.draw(0...slots - 1) }
        let kinds = (0..<11).filter { _ in random.happens(300) }
        let count = kinds.isEmpty ? 0 : random.draw(1...12)
        for _ in 0..<count {
            let kind = kinds[random.draw(0...kinds.count - 1)]
            let time = random.draw(0...endMilliseconds)
            faults.append((time, Self.fault(kind, &random, slots: slots)))
        }
        faults.sort { $0.atMilliseconds < $1.atMilliseconds }
    }

    private static func fault(
        _ kind: Int, _ random: inout SeededGenerator, slots: Int
    ) -> Fault {
        let slot = random.draw(0...slots - 1)
        switch kind {
        case 0, 1: return .crashWorker(slot: slot)
        case 2: return .freezeWorker(slot: slot, milliseconds: random.draw(100...40_000))
        case 3: return .stickEngine(slot: slot)
        case 4: return .doubleWorker(slot: slot)
        case 5:
            let cut = (0..<slots).filter { $0 == slot || random.happens(300) }
            let direction = random.draw(0...3)
            return .cut(
                slots: cut, toCoordinator: direction != 1, fromCoordinator: direction != 2,
                milliseconds: random.draw(100...50_000))
        case 6: return .crashCoordinator
        case 7: return .crashEverything
        case 8: return random.happens(700) ? .drainWorker(slot: slot) : .drainCoordinator
        case 9: return .failCommit
        default: return .stallDisk(milliseconds: random.draw(100...20_000))
        }
    }
}

/// Rules that a simulated world can be told to break, to show that the checker sees it.
package enum Mutant: String, CaseIterable, Sendable {
    /// The coordinator hears that a commit is durable before it is.
    case acknowledgeBeforeCommit
    /// Results land on whatever ordinal they name.
    case ignoreRowDigest
    /// A failed commit is taken for a finished one.
    case ignoreFailedCommit
    /// A restart begins with a lease number that was given before.
    case reuseLeaseNumber
    /// A restart does not know of open leases.
    case forgetLeases
    /// A restart does not know of rows' troubles.
    case forgetTroubles
    /// A restart does not know of one recorded row.
    case forgetOutcome
    /// Workers do not send again.
    case dropResends
}
