internal import SpeechTypes

/// What the parts of a worker take of its memory, in bytes.
package struct MemoryDemand: Hashable, Sendable {
    /// Held from the start: the program, its libraries and the weights.
    package var resident: Int
    /// One batch while it is computed: its samples, activations and results, and the scratch memory of
    /// the thread that computes it.
    package var batch: Int
    /// Scratch memory of a thread that only helps with batches of others.
    package var helper: Int
    /// A thread that reads audio: what it has decoded and not yet cut, a window that waits for space, and
    /// the state of a text decoder that has read the windows before it.
    package var audioThread: Int
    /// A thread that makes text of computed windows.
    package var textThread: Int
    /// The samples of one frame that wait.
    package var waitingFrame: Int
    /// Frames of the longest window of a recording that is cut.
    package var windowFramesMax: Int
    /// One lane more of a row: what was decoded of a channel and not yet cut, and a window of it.
    package var lane: Int
    /// Left over for messages, stacks, and what allocators keep.
    package var reserve: Int

    package init(
        resident: Int, batch: Int, helper: Int, audioThread: Int, textThread: Int,
        waitingFrame: Int, lane: Int, reserve: Int,
        windowFramesMax: Int = FrameClock.wav2vec2.onePassFrames
    ) {
        self.resident = resident
        self.batch = batch
        self.helper = helper
        self.audioThread = audioThread
        self.textThread = textThread
        self.waitingFrame = waitingFrame
        self.windowFramesMax = windowFramesMax
        self.lane = lane
        self.reserve = reserve
    }
}

/// How a worker divides its threads and queues so that its memory stays within a limit.
///
/// A pure value: numbers in, numbers out. Records do not depend on it.
package struct MemoryPlan: Hashable, Sendable {
    /// Threads that compute, those that only help among them.
    package var threads: Int
    /// Batches that are computed at one time; the other threads help.
    package var batchesAtOnce: Int
    /// Threads that read and decode audio.
    package var audioThreads: Int
    /// Threads that make text of what was computed.
    ///
    /// As many as compute, so that no decoder is too expensive: compute waits for them, and its cores are
    /// theirs then.
    package var textThreads: Int
    /// Frames that wait for a compute thread; one window waits whatever its length.
    package var waitingFramesMax: Int
    /// What one row may take beyond what every row may: a recording in one pass, or many channels.
    package var rowBytesMax = 0

    /// The fastest division of `threads` threads that stays within `limit` bytes.
    ///
    /// - Parameters:
    ///   - framesOfBatch: of a full batch.
    ///   - rowBytes: what one row should have beyond the usual, if that is to be had without fewer
    ///     threads.
    /// - Returns: nil if even one thread alone takes more.
    package static func fastest(
        within limit: Int, threads: Int, demand: MemoryDemand, framesOfBatch: Int,
        rowBytes: Int = 0
    ) -> MemoryPlan? {
        var best: MemoryPlan?
        for var plan in candidates(threads: max(1, threads), framesOfBatch: framesOfBatch) {
            let bytes = plan.bytes(demand)
            guard bytes <= limit else { continue }
            plan.rowBytesMax = limit - bytes
            if let best, best.rowBytesMax >= rowBytes || plan.threads < best.threads { break }
            best = plan
        }
        return best
    }

    /// The smallest limit for which there is a plan.
    package static func leastBytes(_ demand: MemoryDemand) -> Int {
        smallest.bytes(demand)
    }

    /// What a plan takes where there is no limit.
    package static func unlimited(threads: Int, framesOfBatch: Int) -> MemoryPlan {
        MemoryPlan(
            threads: threads, batchesAtOnce: threads,
            // Two at least, so that one long file does not keep the short ones waiting.
            audioThreads: min(8, max(2, threads)), textThreads: threads,
            waitingFramesMax: framesOfBatch * (threads + 1))
    }

    /// One thread of each kind, and one window that waits.
    package static let smallest = MemoryPlan(
        threads: 1, batchesAtOnce: 1, audioThreads: 1, textThreads: 1, waitingFramesMax: 0)

    /// The most that is held at one time, one row's own claim left out.
    package func bytes(_ demand: MemoryDemand) -> Int {
        demand.resident + demand.reserve + batchesAtOnce * demand.batch
            + (threads - 1) * demand.helper + audioThreads * demand.audioThread
            + textThreads * demand.textThread
            + max(waitingFramesMax, demand.windowFramesMax) * demand.waitingFrame
    }

    /// From the fastest to the smallest.
    private static func candidates(threads: Int, framesOfBatch: Int) -> [MemoryPlan] {
        let widest = unlimited(threads: threads, framesOfBatch: framesOfBatch)
        var plans: [MemoryPlan] = []
        // A batch for each thread first; threads without one help the others nearly as fast.
        for batches in (1...threads).reversed() {
            var plan = widest
            plan.batchesAtOnce = batches
            plan.waitingFramesMax = framesOfBatch * (batches + 1)
            plans.append(plan)
            plan.audioThreads = min(2, plan.audioThreads)
            plan.waitingFramesMax = framesOfBatch
            plans.append(plan)
            plan.audioThreads = 1
            plan.textThreads = 1
            plan.waitingFramesMax = 0
            plans.append(plan)
        }
        for helped in (1..<threads).reversed() {
            var plan = smallest
            plan.threads = helped
            plans.append(plan)
        }
        return plans
    }
}
