package import AcousticModels
package import Digests
internal import Tensors

/// One clip that every worker computes before it is given work: proof that model, vocabulary and
/// arithmetic are those of the job, and a first measure of its speed.
package struct Canary: Sendable {
    /// Names the bits of the log-probabilities; equal on every worker of a job.
    package let digest: ContentDigest
    /// Audio milliseconds that one thread computes in a second.
    package let speed: Int

    /// A second of a rising tone with beats and noise, made with integers only, so that every
    /// machine has the same samples.
    static let clip: [Float] = {
        var noise: UInt32 = 0x2545_F491
        var phase: Int32 = 0
        return (0..<16_000).map { index in
            noise ^= noise << 13
            noise ^= noise >> 17
            noise ^= noise << 5
            phase = (phase &+ 300 &+ Int32(index) / 16) & 0x3FFF
            let tone = abs(phase - 0x2000) - 0x1000
            let beat = Int32(index % 4_000 < 2_600 ? 3 : 1)
            return Float(tone * beat / 4 + Int32(noise >> 22) - 512) / 32_768
        }
    }()

    /// Computes the clip once, since every start waits for it.
    ///
    /// A model's first pass is a little slower than those after it, and so the speed of its first canary a little low.
    package init(_ model: SpeechModel) throws(EngineError) {
        ComputeThread.prepare()
        let workspace = model.network.makeWorkspace()
        let window = AudioWindow(samples: Self.clip)
        let clock = ContinuousClock()
        let began = clock.now
        let result = try model.network.logProbabilities(
            of: [window], blank: .none, workspace: workspace)
        let elapsed = clock.now - began
        var hasher = SHA256Hasher()
        for tensor in result { tensor.withValues { hasher.update(UnsafeRawBufferPointer($0)) } }
        digest = hasher.finalize()
        let nanoseconds = max(1, elapsed / .nanoseconds(1))
        speed = max(1, Int(Double(Self.clip.count) / 16 * 1e9 / nanoseconds))
    }
}
