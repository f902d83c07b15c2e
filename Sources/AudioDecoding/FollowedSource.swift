package import AudioFormats

/// A recording, and those that are found to be joined to it once it has ended.
///
/// What is not known until then costs nothing before. Parts of another rate or other channels are brought
/// to those of the first.
package final class FollowedSource: FrameSource {
    private let first: any FrameSource
    private let joined: JoinedSource

    /// - Parameter next: asked each time that a part has ended; nil if none follows.
    package init(_ first: any FrameSource, _ next: @escaping JoinedSource.Part) {
        self.first = first
        joined = JoinedSource(first, next)
    }

    package var sampleRate: Int { first.sampleRate }
    package var channelCount: Int { first.channelCount }
    package var declaredFrames: Int? { first.declaredFrames }
    package var warnings: [String] { joined.warnings }
    /// What the first recording states is not the length of all.
    package let statedSeconds: Double? = nil
    package let slackSeconds = 0.0

    package var isSeekable: Bool { first.isSeekable }
    package func seek(toFrame frame: Int) throws(AudioError) -> Int {
        try first.seek(toFrame: frame)
    }
    package func finish() throws(AudioError) { try joined.finish() }
    package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        try joined.read(into: buffer)
    }
}
