internal import Synchronization

/// What a thread of an engine does.
package enum EngineStage: String, CaseIterable, Hashable, Sendable {
    /// Bytes of audio are read, or waited for.
    case fetch
    /// Audio becomes samples, and samples become windows.
    case decode
    /// Windows become log-probabilities.
    case compute
    /// Log-probabilities become text.
    case text
    /// A thread that computes has no window while audio is being fetched or decoded.
    case waiting
    /// There is nothing to do, or the next stage has no room.
    case idle

    /// The place of the stage among all.
    var index: Int {
        switch self {
        case .fetch: 0
        case .decode: 1
        case .compute: 2
        case .text: 3
        case .waiting: 4
        case .idle: 5
        }
    }
}

/// How the time of an engine's threads was spent, each thread counted, and in how many batches.
package struct EngineLoad: Hashable, Sendable {
    /// By stage, in the order of ``EngineStage``.
    package private(set) var milliseconds: [Int]
    package var batches: Int
    /// Audio of those batches, every lane counted.
    package var batchedMilliseconds: Int

    /// - Parameter milliseconds: of each stage, in their order.
    package init(milliseconds: [Int], batches: Int, batchedMilliseconds: Int) {
        precondition(milliseconds.count == EngineStage.allCases.count, "one time for each stage")
        self.milliseconds = milliseconds
        self.batches = batches
        self.batchedMilliseconds = batchedMilliseconds
    }

    package static let zero = EngineLoad(
        milliseconds: EngineStage.allCases.map { _ in 0 }, batches: 0, batchedMilliseconds: 0)

    package subscript(stage: EngineStage) -> Int { milliseconds[stage.index] }

    package var totalMilliseconds: Int { milliseconds.reduce(0, &+) }

    /// Threads that compute had no audio for more of the time than they had some.
    package var waitsForAudio: Bool { self[.waiting] > self[.compute] }

    package static func += (sum: inout EngineLoad, other: EngineLoad) {
        for index in sum.milliseconds.indices {
            sum.milliseconds[index] &+= other.milliseconds[index]
        }
        sum.batches &+= other.batches
        sum.batchedMilliseconds &+= other.batchedMilliseconds
    }

    /// What came since an earlier reading of the same engine; nothing is negative.
    package func since(_ earlier: EngineLoad) -> EngineLoad {
        EngineLoad(
            milliseconds: zip(milliseconds, earlier.milliseconds).map { max(0, $0 - $1) },
            batches: max(0, batches - earlier.batches),
            batchedMilliseconds: max(0, batchedMilliseconds - earlier.batchedMilliseconds))
    }
}

/// What the threads of an engine do, added up over time: a value without a clock.
package struct StageSums: Sendable {
    /// Threads of the engine, whatever they do.
    package private(set) var threads = 0
    private var active: [Int]
    private var nanoseconds: [Int]
    private var since: Int
    private var batches = 0

    package init(at now: Int) {
        active = EngineStage.allCases.map { _ in 0 }
        nanoseconds = active
        since = now
    }

    /// The engine has so many threads more, which do nothing yet.
    package mutating func add(threads count: Int, at now: Int) {
        advance(to: now)
        threads += count
    }

    /// A thread does something else from now on.
    package mutating func move(from before: EngineStage, to after: EngineStage, at now: Int) {
        advance(to: now)
        active[before.index] -= 1
        active[after.index] += 1
        if after == .compute { batches += 1 }
    }

    /// The sums up to now.
    package mutating func load(at now: Int, batchedMilliseconds: Int) -> EngineLoad {
        advance(to: now)
        return EngineLoad(
            milliseconds: nanoseconds.map { $0 / 1_000_000 }, batches: batches,
            batchedMilliseconds: batchedMilliseconds)
    }

    private mutating func advance(to now: Int) {
        let time = max(0, now - since)
        since = max(since, now)
        var counts = active.map { max(0, $0) }
        // Who waits for windows waits for audio only where somebody is about to bring some.
        if counts[EngineStage.fetch.index] + counts[EngineStage.decode.index] == 0 {
            counts[EngineStage.waiting.index] = 0
        }
        let idle = EngineStage.idle.index
        counts[idle] = max(0, threads - counts[..<idle].reduce(0, +))
        for stage in counts.indices { nanoseconds[stage] += counts[stage] * time }
    }
}

/// The sums of an engine's threads, which tell it what they do themselves.
///
/// A change of stage costs a lock that nobody holds for long, and one look at the clock.
final class StageClock: Sendable {
    private let sums: Mutex<StageSums>
    private let nanoseconds: @Sendable () -> Int

    init(nanoseconds: @escaping @Sendable () -> Int) {
        self.nanoseconds = nanoseconds
        sums = Mutex(StageSums(at: nanoseconds()))
    }

    var now: Int { nanoseconds() }

    func add(threads count: Int) {
        sums.withLock { $0.add(threads: count, at: nanoseconds()) }
    }

    func move(from before: EngineStage, to after: EngineStage) {
        guard before != after else { return }
        sums.withLock { $0.move(from: before, to: after, at: nanoseconds()) }
    }

    func load(batchedMilliseconds: Int) -> EngineLoad {
        sums.withLock { $0.load(at: nanoseconds(), batchedMilliseconds: batchedMilliseconds) }
    }
}
