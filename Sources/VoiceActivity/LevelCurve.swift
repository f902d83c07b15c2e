package import SpeechTypes

/// The energy of frames, from one that is still needed on.
struct LevelCurve: Sendable {
    private var values: [Double] = []
    /// The frame that `values` begins with.
    private var start = 0

    mutating func append(_ more: some Sequence<Double>) { values.append(contentsOf: more) }

    mutating func forget(before frame: Int) {
        let count = min(max(0, frame - start), values.count)
        // Moving what is left costs less often than it is forgotten.
        guard count > values.count / 2 else { return }
        values.removeFirst(count)
        start += count
    }

    /// The energy of the frames on both sides of a cut before frame `place`.
    func energy(around place: Int, reach: Int) -> Double {
        let first = max(place - reach, start), end = min(place + reach, start + values.count)
        guard first < end else { return 0 }
        return values[first - start..<end - start].reduce(0, +)
    }

    /// The mean of what ``energy(around:reach:)`` is in a range of places.
    func mean(around range: ClosedRange<Int>, reach: Int) -> Double {
        range.reduce(0) { $0 + energy(around: $1, reach: reach) } / Double(range.count)
    }
}

/// Samples to the energy of frames.
package struct LevelMeter: Sendable {
    private var sum = 0.0
    private var count = 0
    private let samplesPerFrame: Int

    package init(_ clock: FrameClock = .wav2vec2) { samplesPerFrame = clock.samplesPerFrame }

    /// Takes the next samples, 1 being full scale, and gives the mean squares of the frames that they
    /// complete.
    package mutating func append(_ samples: some Collection<Float>) -> [Double] {
        var levels: [Double] = []
        for sample in samples {
            sum += Double(sample) * Double(sample)
            count += 1
            guard count == samplesPerFrame else { continue }
            levels.append(sum / Double(count))
            (sum, count) = (0, 0)
        }
        return levels
    }
}
