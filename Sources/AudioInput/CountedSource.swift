internal import AudioDecoding
internal import AudioFormats
internal import Synchronization

/// Frames that decoders gave, however many of them were asked for.
final class FrameCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add(_ frames: Int) { count.add(frames, ordering: .relaxed) }
}

/// A decoder whose blocks are told of: those that are used, and those that are only passed over on the
/// way to a span.
final class CountedSource: FrameSource {
    private let source: any FrameSource
    private let note: (_ frames: Int) -> Void

    /// - Parameter note: called after each block with its frames, and with 0 after a seek and after
    ///   what failed.
    init(_ source: any FrameSource, _ note: @escaping (_ frames: Int) -> Void) {
        self.source = source
        self.note = note
    }

    var sampleRate: Int { source.sampleRate }
    var channelCount: Int { source.channelCount }
    var declaredFrames: Int? { source.declaredFrames }
    var warnings: [String] { source.warnings }
    var statedSeconds: Double? { source.statedSeconds }
    var slackSeconds: Double { source.slackSeconds }
    var isSeekable: Bool { source.isSeekable }

    func seek(toFrame frame: Int) throws(AudioError) -> Int {
        defer { note(0) }
        return try source.seek(toFrame: frame)
    }

    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        var got = 0
        defer { note(got) }
        got = try source.read(into: buffer)
        return got
    }

    func finish() throws(AudioError) { try source.finish() }
}
