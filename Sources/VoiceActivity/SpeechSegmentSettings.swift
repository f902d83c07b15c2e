/// What of a stream of probabilities counts as speech: the settings that users of Silero VAD know.
package struct SpeechSegmentSettings: Hashable, Sendable {
    /// A frame that is at least so probable begins speech.
    package var threshold = 0.5
    /// A frame that is less probable may end it; nil for 0.15 below ``threshold``, and 0.01 at the
    /// least.
    package var negativeThreshold: Double?
    /// Speech that is not longer is left out.
    package var minimumSpeechMilliseconds = 250
    /// Longer speech is cut, at its longest pause if it has one, or else where it gets too long.
    package var maximumSpeechSeconds = Double.infinity
    /// Speech ends where there is none for so long.
    package var minimumSilenceMilliseconds = 100
    /// What speech gets in addition at each end; half of a pause that is too short for two.
    package var paddingMilliseconds = 30
    /// A pause is what is longer than this, where speech of maximum length is cut.
    package var minimumPauseMilliseconds = 98

    package init() {}

    /// Below this, speech may end.
    var lowThreshold: Double { negativeThreshold ?? max(threshold - 0.15, 0.01) }

    /// From its start on, in samples at 16 kHz.
    var maximumSpeechSamples: Double {
        16_000 * maximumSpeechSeconds - Double(SpeechNetwork.samplesPerFrame)
            - 2 * Double(Self.samples(paddingMilliseconds))
    }

    /// Samples at 16 kHz.
    static func samples(_ milliseconds: Int) -> Int { milliseconds * 16 }
}
