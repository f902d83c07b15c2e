internal import SpeechTypes

/// Audio for a benchmark without recordings: noise of lengths such as read speech has.
///
/// The engine's arithmetic does not depend on what is said, only on how long it takes. The same on
/// every machine, so that results can be compared.
package enum SyntheticSpeech {
    /// Tenths of a second of each utterance.
    ///
    /// 64 quantiles of a log-normal distribution with median 5.7 s and σ 0.62, in a random order, as
    /// utterances of read speech are spread; together 434.6 s.
    package static let lengths = [
        45, 33, 101, 21, 42, 24, 154, 133, 19, 59, 31, 29, 54, 50, 49, 30,
        78, 40, 195, 32, 85, 70, 37, 69, 119, 125, 58, 46, 91, 76, 44, 80,
        74, 61, 62, 83, 43, 170, 65, 36, 200, 105, 15, 67, 51, 94, 17, 114,
        26, 35, 47, 72, 55, 52, 142, 56, 27, 38, 23, 88, 97, 109, 64, 39,
    ]

    /// Samples of each utterance, within ±0.1.
    package static func clips() -> [[Float]] {
        var state: UInt64 = 0x5EED
        return lengths.map { tenths in
            (0..<tenths * FrameClock.sampleRate / 10).map { _ in
                // A linear congruential generator (Knuth's MMIX); its upper bits are good enough noise.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (Float(state >> 40) / Float(1 << 24) - 0.5) * 0.2
            }
        }
    }
}
