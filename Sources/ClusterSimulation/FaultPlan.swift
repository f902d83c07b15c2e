/// What goes wrong in a simulated world, drawn from its seed (swarm testing: each world has its own
/// mix, and most kinds of fault are absent from any one of them).
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
        /// The coordinator's process stands still, and its messages wait.
        case pauseCoordinator(milliseconds: Int)
        /// Another coordinator is started on the journal, while the old one stands still with a commit that
        /// reaches the disk later, or too late.
        case supersedeCoordinator
        /// Everything on the machine dies together.
        case crashEverything
        case drainWorker(slot: Int)
        case drainCoordinator
        case operatorPauses(milliseconds: Int)
        case operatorDrains(slot: Int, milliseconds: Int)
        case operatorRetries
        case operatorCancels
        case fillDisk(milliseconds: Int)
        case failCommit
        case stallDisk(milliseconds: Int)

        /// The job or a slot waits for an operator afterwards.
        var needsAnOperator: Bool {
            switch self {
            case .drainCoordinator, .operatorCancels, .drainWorker: true
            default: false
            }
        }

        /// The coordinator begins anew, and forgets what it only remembered.
        var endsCoordinator: Bool {
            switch self {
            case .crashCoordinator, .supersedeCoordinator, .crashEverything, .failCommit: true
            default: false
            }
        }
    }

    /// Faults by when they happen, in milliseconds from the start.
    package var faults: [(atMilliseconds: Int, fault: Fault)] = []
    /// Messages in a thousand.
    package var drops = 0
    package var repeats = 0
    /// A repeated message arrives at most so long after the first; beyond two seconds whatever was sent since.
    package var repeatsWithinMilliseconds = 2_000
    package var delays = 0
    /// Messages overtake each other.
    package var reorders = false
    /// Effects in ten thousand after which the coordinator dies.
    package var boundaryCrashes = 0
    /// A worker that mixes up the rows of its results; nil for none.
    package var confusedSlot: Int?
    /// When sources of audio do not answer, in milliseconds from the start.
    package var outages: [(source: Int, fromMilliseconds: Int, toMilliseconds: Int)] = []
    /// After this everything is mended and must get done.
    package var endMilliseconds = 0

    /// Nothing goes wrong.
    package init() {}

    /// Nothing goes wrong but what rows do.
    package var isQuiet: Bool {
        faults.isEmpty && outages.isEmpty && drops == 0 && repeats == 0 && delays == 0 && !reorders
            && boundaryCrashes == 0 && confusedSlot == nil
    }

    /// Nothing goes wrong but that the coordinator's process stands still now and then.
    package var isPausesOnly: Bool {
        var rest = self
        rest.faults.removeAll { if case .pauseCoordinator = $0.fault { true } else { false } }
        return !faults.isEmpty && rest.isQuiet
    }

    /// An operator took something out of service that only an operator gives back.
    var needsResume: Bool {
        faults.contains { if case .operatorDrains = $0.fault { true } else { false } }
    }

    /// Everything that goes wrong, a line each.
    package var summary: String {
        var lines = faults.map { "\($0.atMilliseconds) ms: \($0.fault)" }
        lines += outages.map {
            "source \($0.source) away from \($0.fromMilliseconds) to \($0.toMilliseconds) ms"
        }
        lines.append(
            "drops \(drops), repeats \(repeats) within \(repeatsWithinMilliseconds) ms, delays \(delays) in 1,000; reorders \(reorders); "
                + "boundary crashes \(boundaryCrashes) in 10,000; confused slot "
                + (confusedSlot.map(String.init) ?? "none"))
        return lines.joined(separator: "\n")
    }

    /// Plans with one thing less, in the order in which to try them.
    var simpler: [FaultPlan] {
        var plans: [FaultPlan] = []
        func add(_ change: (inout FaultPlan) -> Void) {
            var plan = self
            change(&plan)
            plans.append(plan)
        }
        if faults.count > 3 {
            add { $0.faults.removeFirst($0.faults.count / 2) }
            add { $0.faults.removeLast($0.faults.count / 2) }
        }
        for index in faults.indices { add { $0.faults.remove(at: index) } }
        for index in outages.indices { add { $0.outages.remove(at: index) } }
        if drops > 0 { add { $0.drops = 0 } }
        if repeats > 0 { add { $0.repeats = 0 } }
        if delays > 0 { add { $0.delays = 0 } }
        if reorders { add { $0.reorders = false } }
        if boundaryCrashes > 0 { add { $0.boundaryCrashes = 0 } }
        if confusedSlot != nil { add { $0.confusedSlot = nil } }
        return plans
    }

    init(drawnFrom random: inout SeededGenerator, slots: Int, sources: Int) {
        endMilliseconds =
            random.happens(100) ? random.draw(60_000...400_000) : random.draw(2_000...60_000)
        if random.happens(400) { drops = random.draw(1...200) }
        if random.happens(300) { repeats = random.draw(1...200) }
        if random.happens(300) { delays = random.draw(1...300) }
        reorders = random.happens(150)
        if random.happens(150) { boundaryCrashes = random.draw(1...60) }
        if slots > 1, random.happens(100) { confusedSlot = random.draw(0...slots - 1) }
        let kinds = (0..<18).filter { _ in random.happens(300) }
        let count = kinds.isEmpty ? 0 : random.draw(1...12)
        for _ in 0..<count {
            let kind = kinds[random.draw(0...kinds.count - 1)]
            let time = random.draw(0...endMilliseconds)
            faults.append((time, Self.fault(kind, &random, slots: slots)))
        }
        if random.happens(200) {
            for _ in 0..<random.draw(1...3) {
                let start = random.draw(0...endMilliseconds)
                outages.append(
                    (random.draw(0...sources - 1), start, random.draw(start...endMilliseconds)))
            }
        }
        faults.sort { $0.atMilliseconds < $1.atMilliseconds }
    }

    /// Adds what a second generator draws, so that the worlds of seeds stay what they were before these faults existed:
    /// a coordinator that stands still for longer than its sessions and leases last, one that is superseded, and
    /// messages that arrive once more much later.
    mutating func add(drawnFrom random: inout SeededGenerator) {
        if random.happens(30) {
            self = FaultPlan()
            endMilliseconds = random.draw(60_000...200_000)
            for _ in 0..<random.draw(1...3) {
                let pause = Fault.pauseCoordinator(milliseconds: random.draw(16_000...400_000))
                faults.append((random.draw(0...20_000), pause))
            }
        } else if random.happens(60) {
            for _ in 0..<random.draw(1...3) {
                faults.append((random.draw(0...max(1_000, endMilliseconds)), .supersedeCoordinator))
            }
        } else if random.happens(60) {
            repeats = random.draw(1...200)
            repeatsWithinMilliseconds = random.draw(2_001...60_000)
        }
        faults.sort { $0.atMilliseconds < $1.atMilliseconds }
    }

    /// Faults of every kind that pass by themselves, one after the other, some minutes apart, for so long;
    /// a coordinator that runs after a quarter of the time is not ended any more, so that it has something to forget.
    package init(throughout hours: Int, seed: UInt64, slots: Int) {
        var random = SeededGenerator(seed: seed)
        (drops, repeats, delays) = (5, 5, 5)
        endMilliseconds = hours * 3_600_000
        var time = 0
        while true {
            time += random.draw(10_000...400_000)
            guard time < endMilliseconds else { break }
            let fault = Self.fault(random.draw(0...18), &random, slots: slots)
            let isLate = time > endMilliseconds / 4
            if !fault.needsAnOperator, !(isLate && fault.endsCoordinator) {
                faults.append((time, fault))
            }
        }
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
        case 11: return .operatorPauses(milliseconds: random.draw(100...30_000))
        case 12: return .operatorDrains(slot: slot, milliseconds: random.draw(100...40_000))
        case 13: return .operatorRetries
        case 14: return random.happens(300) ? .operatorCancels : .operatorRetries
        case 15: return .fillDisk(milliseconds: random.draw(100...30_000))
        case 16: return .crashWorker(slot: slot)
        case 17: return .pauseCoordinator(milliseconds: random.draw(100...60_000))
        default: return .stallDisk(milliseconds: random.draw(100...20_000))
        }
    }
}
