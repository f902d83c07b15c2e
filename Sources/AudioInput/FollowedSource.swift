/// A recording, and those that are found to be joined to it once it has ended.
///
/// What is not known until then costs nothing before. Parts of another rate or other channels are brought
/// to those of the first.
final class FollowedSource: FrameSource {
    private let first: any FrameSource
    private let joined: JoinedSource

    /// - Parameter next: asked each time that a part has ended; nil if none follows.
    init(_ first: any FrameSource, _ next: @escaping JoinedSource.Part) {
        self.first = first
        joined = JoinedSource(first, next)
    }

    var sampleRate: Int { first.sampleRate }
    var channelCount: Int { first.channelCount }
    var declaredFrames: Int? { first.declaredFrames }
    var warnings: [String] { joined.warnings }

    var isSeekable: Bool { first.isSeekable }
    func seek(toFrame frame: Int) throws(AudioError) -> Int { try first.seek(toFrame: frame) }
    func finish() throws(AudioError) { try joined.finish() }
    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        try joined.read(into: buffer)
    }
}
