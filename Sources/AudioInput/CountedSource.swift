internal import AudioDecoding
internal import AudioFormats
internal import Synchronization

/// Frames that decoders gave, however many of them were asked for.
final class FrameCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add(_ frames: Int) { count.add(frames, ordering: .relaxed) }
}

/// A decoder whose frames are counted.
final class CountedSource: FrameSource {
    private let source: any FrameSource
    private let count: FrameCount

    init(_ source: any FrameSource, _ count: FrameCount) {
        self.source = source
        self.count = count
    }

    var sampleRate: Int { source.sampleRate }
    var channelCount: Int { source.channelCount }
    var declaredFrames: Int? { source.declaredFrames }
    var warnings: [String] { source.warnings }
    var statedSeconds: Double? { source.statedSeconds }
    var slackSeconds: Double { source.slackSeconds }
    var isSeekable: Bool { source.isSeekable }

    func seek(toFrame frame: Int) throws(AudioError) -> Int { try source.seek(toFrame: frame) }

    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        let got = try source.read(into: buffer)
        count.add(got)
        return got
    }

    func finish() throws(AudioError) { try source.finish() }
}
