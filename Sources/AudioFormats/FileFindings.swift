package import SpeechTypes

/// What is known of a file before its samples are: what its container states, and what is wrong with it.
package struct FileFindings {
    /// Seconds that the container states; nil where it states none, or leaves that to the decoder.
    package var statedSeconds: Double?
    /// How far stated and decoded seconds may be apart without a word.
    package var slackSeconds = 0.0
    /// What an operator should know, a sentence each.
    package var sentences: [String] = []
    /// What is lacking or was left over, where that is known before the samples are.
    package var code: AudioWarning.Code?

    package init() {}

    /// What the record says, once all of the file was decoded.
    package func warning(decodedSeconds: Double) -> AudioWarning? {
        if let code {
            return AudioWarning(
                code, statedSeconds: statedSeconds ?? decodedSeconds,
                decodedSeconds: decodedSeconds)
        }
        guard let statedSeconds, abs(statedSeconds - decodedSeconds) > slackSeconds else {
            return nil
        }
        return AudioWarning(
            decodedSeconds < statedSeconds ? .shorterThanStated : .longerThanStated,
            statedSeconds: statedSeconds, decodedSeconds: decodedSeconds)
    }

    /// Shorter than this, what was not read is no loss that a record needs to tell of.
    private static let unreadSecondsMin = 0.25

    /// Notes bytes behind the samples that belong to nothing.
    ///
    /// - Parameter seconds: how long they would last if they were samples.
    package mutating func noteUnread(_ byteCount: Int, seconds: Double?) {
        sentences.append(
            "\(byteCount) bytes behind the samples belong to no chunk and were not read; if they are "
                + "samples, the size in the header is wrong")
        if let seconds, seconds >= Self.unreadSecondsMin { code = .unreadBytes }
    }
}
