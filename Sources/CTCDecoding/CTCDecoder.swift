package import SpeechTypes

/// Makes a transcript of the log-probabilities of one lane, which come piece by piece.
///
/// One thread at a time uses it, not always the same. What it gives must not depend on how the frames
/// were cut into pieces, nor on anything but the frames: every worker has to write the same bytes.
package protocol CTCDecoder: Sendable {
    /// Reads the next frames.
    ///
    /// Few enough at a time that this returns within seconds, because each call is a step that shows
    /// that the engine is at work.
    ///
    /// - Throws: if this lane cannot be decoded; its row fails, and others go on.
    mutating func append(_ frames: LogProbabilities) throws(DecoderError)

    /// Says that there are no more frames. Called once, as the last.
    ///
    /// - Throws: as ``append(_:)``.
    mutating func finish() throws(DecoderError) -> Transcript
}

/// A decoder with its settings and a model's vocabulary; all threads make their decoders of one.
package protocol CTCDecoderFactory: Sendable {
    /// Bytes that a decoder holds while it reads, besides the symbols that it has read: for the plan of
    /// memory.
    var bytesOfDecoder: Int { get }

    /// A decoder for one lane that has read nothing.
    ///
    /// - Parameter hotwords: of the lane's row, besides those of the job; a decoder that takes none leaves
    ///   them aside.
    func makeDecoder(hotwords: [Hotword]) -> any CTCDecoder
}

extension CTCDecoderFactory {
    /// A decoder for a lane whose row has no hotwords of its own.
    package func makeDecoder() -> any CTCDecoder { makeDecoder(hotwords: []) }
}

/// Why a decoder cannot be made, or cannot decode a lane.
package struct DecoderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, and what helps.
    package let description: String
    /// Where the row itself is at fault, so that it can never work: what its record says.
    package let code: FailureCode?

    package init(_ description: String, code: FailureCode? = nil) {
        self.description = description
        self.code = code
    }
}
