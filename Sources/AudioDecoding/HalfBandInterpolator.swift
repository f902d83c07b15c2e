internal import Glibc

/// Twice as many samples of one channel: between any two a further one, and those two as they were.
///
/// Models for 8 kHz take every second sample of audio at 16 kHz, which is then what the resampler (or the file
/// itself) has at 8 kHz, bit for bit; whatever else listens hears the same audio. The new samples are a sinc's
/// (half a sample late) under a Hann window of 32 samples. The result depends on the samples alone, not on the
/// pieces in which they arrive.
package struct HalfBandInterpolator {
    /// Samples on each side that a new one is made of.
    private static let reach = 16
    /// Of the sample at each distance, the nearest first; they sum to a half.
    private static let weights: [Float] = {
        let raw = (0..<reach).map { index in
            let distance = Double(index) + 0.5
            let window = 0.5 + 0.5 * cos(.pi * distance / Double(reach))
            return sin(.pi * distance) / (.pi * distance) * window
        }
        let sum = raw.reduce(0, +)
        return raw.map { Float($0 / sum / 2) }
    }()

    /// Samples before those that are still to be followed by a new one, and these.
    private var held = [Float](repeating: 0, count: HalfBandInterpolator.reach - 1)

    package init() {}

    /// Takes samples and appends what they make available.
    package mutating func process(_ samples: some Collection<Float>, into result: inout [Float]) {
        held += samples
        let reach = Self.reach
        let count = held.count - 2 * reach + 1
        guard count > 0 else { return }
        result.reserveCapacity(result.count + 2 * count)
        for first in 0..<count {
            let sample = first + reach - 1
            var sum: Float = 0
            for distance in (0..<reach).reversed() {
                sum +=
                    Self.weights[distance] * (held[sample - distance] + held[sample + 1 + distance])
            }
            result.append(held[sample])
            result.append(sum)
        }
        held.removeFirst(count)
    }

    /// Says that no more samples come and appends the rest.
    package mutating func finish(into result: inout [Float]) {
        process(repeatElement(0, count: Self.reach), into: &result)
    }
}
