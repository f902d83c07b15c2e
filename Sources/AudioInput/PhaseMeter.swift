/// Whether channels that are mixed cancel one another, as stereo with one wire crossed does.
struct PhaseMeter {
    private var channelPower = 0.0
    private var mixPower = 0.0

    /// A mix this far below its channels (30 dB) is no speech that only one of them has: that is 6 dB.
    private static let ratioMax = 1e-3
    /// Below -80 dB of full scale a channel is silent itself.
    private static let powerMin = 1e-8

    private var frameCount = 0

    /// Takes the next interleaved frames and what they were mixed to.
    mutating func add(_ block: [Float], frames: Int, channels: Int, mix: [Float]) {
        var channelSum = 0.0
        var mixSum = 0.0
        block.withUnsafeBufferPointer { block in
            for index in 0..<frames * channels {
                channelSum += Double(block[index] * block[index])
            }
        }
        mix.withUnsafeBufferPointer { mix in
            for index in 0..<frames { mixSum += Double(mix[index] * mix[index]) }
        }
        channelPower += channelSum / Double(channels)
        mixPower += mixSum
        frameCount += frames
    }

    /// A sentence if the channels cancel.
    var warning: String? {
        guard frameCount > 0, channelPower / Double(frameCount) > Self.powerMin,
            mixPower < channelPower * Self.ratioMax
        else { return nil }
        return "the channels cancel one another (out of phase): their mix is all but silent; "
            + "transcribe one of them with --channels first, or each with --channels each"
    }
}
