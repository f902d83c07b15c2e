internal import SpeechTypes

/// Stretches of speech that another program found, told as the audio of each is there.
struct GivenStretches: Sendable {
    /// In order; each at most as long as those that are found here.
    private let stretches: [Range<Int>]
    private var next = 0
    private let end: Int
    private var samples = 0

    /// What may lie behind the end of the audio, since other programs count in steps of their own: half a
    /// second.
    static let excessMax = FrameClock.sampleRate / 2

    /// - Parameters:
    ///   - stretches: samples at 16 kHz, in order, none overlapping another.
    ///   - samplesMax: a longer one is told in pieces, which touch each other.
    init(_ stretches: [Range<Int>], samplesMax: Int) {
        end = stretches.last?.upperBound ?? 0
        self.stretches = stretches.flatMap { stretch in
            stride(from: stretch.lowerBound, to: stretch.upperBound, by: samplesMax).map { start in
                start..<min(start + samplesMax, stretch.upperBound)
            }
        }
    }

    /// No stretch that is still to come begins before this sample.
    var frontier: Int {
        next < stretches.count ? min(samples, stretches[next].lowerBound) : samples
    }

    /// Takes note of more samples, and gives the stretches that lie before their end.
    mutating func append(_ count: Int) -> [Range<Int>] {
        samples += count
        let first = next
        while next < stretches.count, stretches[next].upperBound <= samples { next += 1 }
        return Array(stretches[first..<next])
    }

    /// Ends the audio, and gives what is left of the stretches in it.
    mutating func finish() -> [Range<Int>] {
        defer { next = stretches.count }
        return stretches[next...].compactMap { stretch in
            stretch.lowerBound < samples
                ? stretch.lowerBound..<min(stretch.upperBound, samples) : nil
        }
    }

    /// By how many samples the last stretch lies behind the end of the audio, where that is too far.
    var excess: Int? { end - samples > Self.excessMax ? end - samples : nil }
}
