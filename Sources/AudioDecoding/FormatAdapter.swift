/// Interleaved samples of changing rate and channels to the rate and channels of the first.
struct FormatAdapter {
    private let sampleRate: Int
    private let channelCount: Int
    private var current: Conversion?
    private var split: [Float] = []

    /// A run of samples of one kind that is not the first's.
    private struct Conversion {
        let sampleRate: Int
        let channelCount: Int
        let resamplers: [Resampler]
        var ready: [[Float]]
    }

    init(sampleRate: Int, channelCount: Int) {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
    }

    /// Appends to `result` what these samples make available.
    mutating func append(
        _ samples: UnsafeBufferPointer<Float>, sampleRate: Int, channelCount: Int,
        into result: inout [Float]
    ) {
        if let current, current.sampleRate != sampleRate || current.channelCount != channelCount {
            finish(into: &result)
        }
        if sampleRate == self.sampleRate {
            return mix(samples, channelCount, into: &result)
        }
        var conversion =
            current
            ?? Conversion(
                sampleRate: sampleRate, channelCount: channelCount,
                resamplers: (0..<channelCount).map { _ in
                    Resampler(from: sampleRate, to: self.sampleRate)
                }, ready: Array(repeating: [], count: channelCount))
        for channel in 0..<channelCount {
            split.removeAll(keepingCapacity: true)
            for index in stride(from: channel, to: samples.count, by: channelCount) {
                split.append(samples[index])
            }
            conversion.resamplers[channel].process(split, into: &conversion.ready[channel])
        }
        drain(&conversion, into: &result)
        current = conversion
    }

    /// Says that no more samples of the present kind come.
    mutating func finish(into result: inout [Float]) {
        guard var conversion = current else { return }
        for channel in 0..<conversion.channelCount {
            conversion.resamplers[channel].finish(into: &conversion.ready[channel])
        }
        drain(&conversion, into: &result)
        current = nil
    }

    private func drain(_ conversion: inout Conversion, into result: inout [Float]) {
        let frames = conversion.ready.map(\.count).min() ?? 0
        var interleaved: [Float] = []
        interleaved.reserveCapacity(frames * conversion.channelCount)
        for frame in 0..<frames {
            for channel in 0..<conversion.channelCount {
                interleaved.append(conversion.ready[channel][frame])
            }
        }
        for channel in 0..<conversion.channelCount { conversion.ready[channel].removeFirst(frames) }
        interleaved.withUnsafeBufferPointer { mix($0, conversion.channelCount, into: &result) }
    }

    /// One channel goes to all; several go to one as their mean; beyond that, what is missing is
    /// silent and what is too many is left out.
    private func mix(
        _ samples: UnsafeBufferPointer<Float>, _ channels: Int, into result: inout [Float]
    ) {
        if channels == channelCount { return result.append(contentsOf: samples) }
        for start in stride(from: 0, to: samples.count - channels + 1, by: channels) {
            if channelCount == 1 {
                var sum: Float = 0
                for channel in 0..<channels { sum += samples[start + channel] }
                result.append(sum / Float(channels))
            } else {
                for channel in 0..<channelCount {
                    result.append(
                        channels == 1
                            ? samples[start] : channel < channels ? samples[start + channel] : 0)
                }
            }
        }
    }
}
