/// Probabilities to stretches of speech, in samples at 16 kHz.
///
/// The rules, and the order in which they are applied, are those of `get_speech_timestamps` of the
/// package silero-vad 6.2, made a stream: a stretch is given when nothing that follows can change it.
package struct SpeechSegmenter: Sendable {
    private let settings: SpeechSegmentSettings
    private let padding: Int
    private let minimumSpeech: Int
    private let minimumSilence: Int
    private let minimumPause: Int
    private var frames = 0
    /// Where the speech that goes on began.
    private var begun: Int?
    /// Where it may have ended, unless somebody speaks on.
    private var mayHaveEnded: Int?
    /// The longest pause in it.
    private var longestPause: Range<Int>?
    /// Speech that has ended: its start is padded, its end is not.
    private var last: Range<Int>?

    package init(_ settings: SpeechSegmentSettings = SpeechSegmentSettings()) {
        self.settings = settings
        padding = SpeechSegmentSettings.samples(settings.paddingMilliseconds)
        minimumSpeech = SpeechSegmentSettings.samples(settings.minimumSpeechMilliseconds)
        minimumSilence = SpeechSegmentSettings.samples(settings.minimumSilenceMilliseconds)
        minimumPause = SpeechSegmentSettings.samples(settings.minimumPauseMilliseconds)
    }

    /// No stretch that is still to come begins before this sample.
    package var frontier: Int { last?.lowerBound ?? max(0, nextStart - padding) }

    /// Where speech that comes next begins at the earliest, without its padding.
    private var nextStart: Int { begun ?? frames * SpeechNetwork.samplesPerFrame }

    /// Takes the probabilities of the next frames, and gives the stretches that are certain by now.
    package mutating func append(_ probabilities: some Sequence<Float>) -> [Range<Int>] {
        var given: [Range<Int>] = []
        for probability in probabilities {
            read(Double(probability), &given)
            frames += 1
            settle(&given)
        }
        return given
    }

    /// Ends the stream, which has so many samples, and gives the stretches that are left.
    ///
    /// What is appended afterwards is another stream.
    package mutating func finish(samples: Int) -> [Range<Int>] {
        var given: [Range<Int>] = []
        if let begun, samples - begun > minimumSpeech { accept(begun..<samples, &given) }
        if let last {
            given.append(last.lowerBound..<min(samples, last.upperBound + padding))
        }
        self = SpeechSegmenter(settings)
        return given
    }

    private mutating func read(_ probability: Double, _ given: inout [Range<Int>]) {
        let sample = frames * SpeechNetwork.samplesPerFrame
        let isSpeech = probability >= settings.threshold
        if isSpeech, let end = mayHaveEnded {
            let pause = end..<sample
            if pause.count > max(minimumPause, longestPause?.count ?? 0) { longestPause = pause }
            mayHaveEnded = nil
        }
        guard let start = begun else {
            if isSpeech { begun = sample }
            return
        }
        if Double(sample - start) > settings.maximumSpeechSamples {
            accept(start..<(longestPause?.lowerBound ?? sample), &given)
            begun = longestPause?.upperBound
            mayHaveEnded = nil
            longestPause = nil
        }
        guard probability < settings.lowThreshold, let start = begun else { return }
        let end = mayHaveEnded ?? sample
        mayHaveEnded = end
        guard sample - end >= minimumSilence else { return }
        if end - start > minimumSpeech { accept(start..<end, &given) }
        begun = nil
        mayHaveEnded = nil
        longestPause = nil
    }

    /// Takes speech without padding, and gives what was before it.
    private mutating func accept(_ speech: Range<Int>, _ given: inout [Range<Int>]) {
        guard let before = last else {
            last = max(0, speech.lowerBound - padding)..<speech.upperBound
            return
        }
        let silence = speech.lowerBound - before.upperBound
        let share = silence < 2 * padding ? silence / 2 : padding
        given.append(before.lowerBound..<before.upperBound + share)
        last = speech.lowerBound - share..<speech.upperBound
    }

    /// Gives the last stretch where the silence behind it is long enough for all padding.
    private mutating func settle(_ given: inout [Range<Int>]) {
        guard let stretch = last, nextStart - stretch.upperBound >= 2 * padding,
            // The last frame has one sample at the least.
            stretch.upperBound + padding <= (frames - 1) * SpeechNetwork.samplesPerFrame
        else { return }
        given.append(stretch.lowerBound..<stretch.upperBound + padding)
        last = nil
    }
}
