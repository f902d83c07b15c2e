internal import AudioDecoding
internal import AudioFormats
internal import SpeechTypes

/// A decoder whose blocks are counted as steps of the engine: those that are used and those that are
/// only passed over on the way to a span.
final class CountedFrames: FrameSource {
    private let source: any FrameSource
    private let progress: EngineProgress

    init(_ source: any FrameSource, progress: EngineProgress) {
        self.source = source
        self.progress = progress
    }

    var sampleRate: Int { source.sampleRate }
    var channelCount: Int { source.channelCount }
    var declaredFrames: Int? { source.declaredFrames }
    var warnings: [String] { source.warnings }
    var statedSeconds: Double? { source.statedSeconds }
    var slackSeconds: Double { source.slackSeconds }

    var isSeekable: Bool { source.isSeekable }

    func seek(toFrame frame: Int) throws(AudioError) -> Int {
        defer { progress.step() }
        return try source.seek(toFrame: frame)
    }

    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        defer { progress.step() }
        return try source.read(into: buffer)
    }

    func finish() throws(AudioError) { try source.finish() }
}
