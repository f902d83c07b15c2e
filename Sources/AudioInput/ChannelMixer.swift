internal import SpeechTypes

/// Interleaved frames to the lanes that are transcribed.
struct ChannelMixer {
    let channelCount: Int
    private let policy: ChannelPolicy

    /// - Precondition: the policy is what it comes to for the row.
    /// - Returns: nil if the recording lacks the channel that is asked for.
    init?(_ policy: ChannelPolicy, channelCount: Int) {
        if case .index(let index) = policy, !(0..<channelCount).contains(index) { return nil }
        self.policy = policy
        self.channelCount = channelCount
    }

    /// Several channels become one.
    var isMix: Bool { policy == .mix && channelCount > 1 }

    /// One, or as many as there are channels for ``ChannelPolicy/each``.
    var laneCount: Int { policy == .each ? channelCount : 1 }

    /// Replaces `lanes` by what the policy makes of `frames` interleaved frames.
    ///
    /// - Returns: false if a sample is NaN or infinite.
    func split(_ block: [Float], frames: Int, into lanes: inout [[Float]]) -> Bool {
        switch policy {
        case .mix where channelCount > 1: mean(block, frames, into: &lanes[0])
        case .mix, .first: pick(0, of: block, frames, into: &lanes[0])
        case .index(let index): pick(index, of: block, frames, into: &lanes[0])
        case .row: preconditionFailure("a mixer has one row's policy")
        case .each:
            for channel in 0..<channelCount {
                pick(channel, of: block, frames, into: &lanes[channel])
            }
        }
        return lanes.allSatisfy { Self.isFinite($0) }
    }

    /// Whether every sample from `start` on is a number.
    static func isFinite(_ samples: [Float], from start: Int = 0) -> Bool {
        // NaN and infinity times zero are NaN, and stay so in a sum.
        samples.withUnsafeBufferPointer { samples in
            var sum: Float = 0
            for index in start..<samples.count { sum += samples[index] * 0 }
            return sum == 0
        }
    }

    private func pick(_ channel: Int, of block: [Float], _ frames: Int, into lane: inout [Float]) {
        lane.removeAll(keepingCapacity: true)
        block.withUnsafeBufferPointer { block in
            for frame in 0..<frames { lane.append(block[frame * channelCount + channel]) }
        }
    }

    /// The arithmetic mean in single precision, channels added in order, as NVIDIA's
    /// implementation does.
    private func mean(_ block: [Float], _ frames: Int, into lane: inout [Float]) {
        lane.removeAll(keepingCapacity: true)
        let divisor = Float(channelCount)
        block.withUnsafeBufferPointer { block in
            for frame in 0..<frames {
                var sum: Float = 0
                for channel in 0..<channelCount { sum += block[frame * channelCount + channel] }
                lane.append(sum / divisor)
            }
        }
    }
}
