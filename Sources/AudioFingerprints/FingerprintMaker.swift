internal import SpeechTypes

/// The fingerprint of a recording by libchromaprint's usual algorithm.
///
/// An item of 32 bits for each eighth of a second tells how pitches change in the 2.6 s from there. Codecs,
/// levels and rates change few bits. What is shorter has no item. So the first three seconds are played again
/// at the end, and those of a shorter recording again and again: every recording has an item for each part.
package struct FingerprintMaker {
    private let context: FingerprintLibrary.Context
    /// What is played again.
    private var head: [Int16] = []

    private static let headSamples = 3 * FrameClock.sampleRate

    /// - Throws: if there is no library.
    package init() throws(FingerprintLibraryMissing) {
        if let problem = FingerprintLibrary.problem {
            throw FingerprintLibraryMissing(description: problem)
        }
        context = FingerprintLibrary.Context(sampleRate: FrameClock.sampleRate)
    }

    /// The library's version, such as `1.5.1`.
    package static var libraryVersion: String { FingerprintLibrary.version }

    /// - Parameter samples: at 16 kHz, the next ones of the recording.
    package mutating func append(_ samples: [Float]) {
        let numbers = samples.map { sample in
            Int16(max(-1, min(sample, 1)) * 32_767)
        }
        head += numbers.prefix(Self.headSamples - head.count)
        if !numbers.isEmpty { context.feed(numbers) }
    }

    /// - Returns: the items; none where there was no sample.
    package func finish() -> [UInt32] {
        guard !head.isEmpty else { return [] }
        var left = Self.headSamples
        while left > 0 {
            context.feed(Array(head.prefix(left)))
            left -= min(left, head.count)
        }
        return context.finish()
    }
}
