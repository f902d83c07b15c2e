/// Decides which waiting windows of audio go through the model together.
///
/// Windows are packed end to end, so nothing is lost by mixing lengths; like lengths go together
/// all the same, because a batch is as slow as its work and two threads should end at one time.
/// A pure value: windows in, positions out.
package struct BatchPlanner: Sendable {
    package let limits: BatchLimits

    package init(limits: BatchLimits) {
        self.limits = limits
    }

    /// Positions of the windows that the next batch takes, in the order of waiting.
    ///
    /// The window that waits longest is always taken, so none starves. Others join by likeness of
    /// length, then by age, while the batch stays within its budget.
    ///
    /// - Parameter frames: frames of each waiting window, oldest first.
    /// - Parameter shares: how many compute threads would share the waiting work; when there is
    ///   less than a full batch for each, batches are made smaller so that all have some.
    package func nextBatch(frames: [Int], shares: Int) -> [Int] {
        guard let oldest = frames.first else { return [] }
        let waiting = frames.reduce(0, +)
        let share = max(limits.framesMin, (waiting + shares - 1) / max(1, shares))
        let budget = min(limits.framesMax, share)
        let byLikeness = frames.indices.dropFirst().sorted { left, right in
            let leftDistance = abs(frames[left] - oldest)
            let rightDistance = abs(frames[right] - oldest)
            return leftDistance != rightDistance ? leftDistance < rightDistance : left < right
        }
        var taken = [0]
        var total = WorkEstimate(frames: oldest)
        for position in byLikeness {
            if taken.count == limits.windowsMax { break }
            let grown = total.adding(frames: frames[position])
            if grown.frames > budget || grown.cost > limits.costMax { continue }
            taken.append(position)
            total = grown
        }
        return taken.sorted()
    }
}

/// What one batch may hold.
package struct BatchLimits: Hashable, Sendable {
    /// Frames (20 ms each) of all windows: enough rows that incomplete tiles of a matrix
    /// multiplication cost little, few enough that activations stay small and threads end together.
    package var framesMax = 1_000
    /// A batch is not made smaller than this to let other threads share.
    package var framesMin = 100
    /// Windows of a batch; bounds what is lost with a worker.
    package var windowsMax = 64
    /// Frames plus the quadratic term of attention, in frames of linear work.
    package var costMax = 6_000.0

    package init() {}
}

/// The cost of windows computed together: linear in frames, plus attention's square.
package struct WorkEstimate: Hashable, Sendable {
    /// At this many frames attention costs as much as everything else: Base spends 14 GFLOP on
    /// 50 frames besides attention, and about 33 kFLOP on each pair of frames.
    package static let framesOfEqualCost = 8_500.0

    package private(set) var frames = 0
    /// In frames of linear work.
    package private(set) var cost = 0.0

    package init(frames: Int) {
        self = WorkEstimate().adding(frames: frames)
    }

    private init() {}

    /// The estimate with one window more.
    package func adding(frames: Int) -> WorkEstimate {
        var grown = self
        let length = Double(frames)
        grown.frames += frames
        grown.cost += length + length * length / Self.framesOfEqualCost
        return grown
    }
}
