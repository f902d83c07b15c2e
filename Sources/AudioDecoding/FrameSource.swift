package import AudioFormats

/// A decoder of one file: interleaved frames, first to last.
package protocol FrameSource: AnyObject {
    /// Frames a second.
    var sampleRate: Int { get }
    var channelCount: Int { get }
    /// Frames that the file says it has; nil if it does not say.
    var declaredFrames: Int? { get }
    /// What an operator should know about the file, so far.
    var warnings: [String] { get }
    /// Seconds that the file states, where the decoder knows them, at its end at the latest; nil where
    /// it states none.
    var statedSeconds: Double? { get }
    /// How far decoded seconds may be from those without a word.
    var slackSeconds: Double { get }

    /// Whether ``seek(toFrame:)`` spares the decoding of what lies before.
    var isSeekable: Bool { get }

    /// Moves to `frame`, or to a frame before it from where the rest is decoded and passed over.
    ///
    /// Asked at most once, before anything is read. Where it moves to is a function of the file and
    /// of `frame` alone, and so are all samples from there on.
    ///
    /// - Returns: the frame that is read next.
    func seek(toFrame frame: Int) throws(AudioError) -> Int

    /// Fills the start of `buffer` with whole frames and returns how many; 0 at the end.
    ///
    /// - Parameter buffer: room for at least one frame.
    /// - Throws: at the end, too, if the file turns out to be damaged or cut short.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int

    /// Says that no more frames will be read, though the end may not have come.
    ///
    /// - Throws: if frames that were read turn out to be damaged.
    func finish() throws(AudioError)
}
