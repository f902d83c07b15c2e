package import SpeechTypes
internal import Threading

/// The part of a worker's memory that one row at a time may take beyond what every row may: for a
/// recording in one pass, or for many channels.
package final class RowMemory: Sendable {
    /// Held by the one row; given back when it goes.
    package final class Claim: Sendable {
        private let isTaken: Guarded<Bool>

        fileprivate init(_ isTaken: Guarded<Bool>) { self.isTaken = isTaken }

        deinit { isTaken.withLock { $0 = false } }
    }

    private let bytesMax: Int
    private let bytesOfLongPass: @Sendable (Int) -> Int
    private let bytesOfLane: Int
    private let clock: FrameClock
    private let isTaken = Guarded(false)

    /// - Parameters:
    ///   - bytesMax: what the one row may take.
    ///   - bytesOfLane: one channel more of a row.
    ///   - bytesOfLongPass: a window of so many frames, beyond what every row may take.
    package init(
        bytesMax: Int, bytesOfLane: Int, clock: FrameClock = .wav2vec2,
        bytesOfLongPass: @escaping @Sendable (Int) -> Int
    ) {
        self.clock = clock
        self.bytesMax = bytesMax
        self.bytesOfLane = bytesOfLane
        self.bytesOfLongPass = bytesOfLongPass
    }

    /// What a row takes beyond the usual.
    ///
    /// - Parameter frames: the longest window so far.
    /// - Parameter lanes: channels that are decoded side by side.
    package func bytes(frames: Int, lanes: Int) -> Int {
        // Windows of several lanes are computed one after the other, but decoded together.
        let long = bytesOfLongPass(frames)
        let samples = max(0, frames - clock.onePassFrames) * clock.samplesPerFrame * 4
        return long + (lanes - 1) * (bytesOfLane + 2 * samples)
    }

    /// Why a row may not take so much; nil if it may.
    package func refusal(of bytes: Int) -> String? {
        guard bytes > bytesMax else { return nil }
        return "so much audio in one pass, or so many channels, takes more memory than the "
            + "\(bytesMax >> 20) MiB that the worker has left for one row; give it more --memory, or "
            + "leave --chunk on and name one of the --channels"
    }

    /// What every row may keep of its log-probabilities until it ends, where a text is aligned.
    package static let keptBytesOfRow = 8 << 20

    /// What every row may keep of its times until its record is written: an hour and a half of them.
    package static let timesBytesOfRow = 8 << 20

    /// Why a row may not keep so much of its log-probabilities; nil if it may.
    package func refusal(ofKept bytes: Int) -> String? {
        guard bytes > bytesMax else { return nil }
        return
            "aligning so long a recording takes more memory than the \(bytesMax >> 20) MiB that the "
            + "worker has left for one row; give it more --memory, or cut recording and text"
    }

    /// Waits until no other row has the memory.
    package func claim() -> Claim {
        isTaken.wait { isTaken in
            guard !isTaken else { return nil }
            isTaken = true
            return Claim(self.isTaken)
        }
    }
}
