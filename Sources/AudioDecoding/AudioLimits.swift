package import AudioFormats
internal import SpeechTypes

/// Every bound on what is accepted as audio, with its reason.
package struct AudioLimits: Hashable, Sendable {
    /// A day: longer recordings are split before they come here, and counters stay small.
    package var secondsMax: Double = 86_400
    /// Frames a second that can be speech.
    ///
    /// Below 4 kHz there is no speech band left; 384 kHz is the fastest converter sold. Headers
    /// outside this range are damaged as a rule (one test file claims 1,092,676 Hz).
    package var sampleRates: ClosedRange<Int> = 4_000...384_000
    /// More than any microphone array in use; bounds the memory of a block.
    package var channelsMax = 64
    /// Silence of ffmpeg for this long means that it hangs, or that the file's storage does.
    package var decoderStallSeconds = Double(StallLimits.decoderProcessSeconds)
    /// A decoder that several spans share and that gives nothing for this long is left to the span
    /// that uses it; those that wait begin another.
    package var sharedDecoderStallSeconds = Double(StallLimits.sharedDecoderSeconds)
    /// All waiting for ffmpeg on one file: a day of audio decodes in a few minutes.
    package var decoderWaitSecondsMax: Double = 1_800
    /// A span from the start that ends this close to the end of the file means the whole file:
    /// durations in manifests are often rounded to one decimal.
    package var roundingSeconds: Double = 0.05

    package init() {}

    package func sampleRateError(_ path: String, _ rate: Int) -> AudioError {
        AudioError(
            .audioSampleRate, path,
            "\(rate) Hz, accepted are \(sampleRates.lowerBound) to \(sampleRates.upperBound) Hz")
    }
}
