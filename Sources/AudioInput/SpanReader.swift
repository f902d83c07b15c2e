internal import AudioDecoding
internal import AudioFormats
internal import SpeechTypes

/// The frames of one span, in blocks.
struct SpanReader {
    private let source: any FrameSource
    private let path: String
    /// Frames that are still to come; nil up to the end of the file.
    private var remaining: Int?
    /// The frame at which the span begins.
    private let start: Int
    private let isAtStart: Bool
    private let roundingFrames: Int
    private let framesMax: Int
    private var isFinished = false
    /// The span began at the first frame and went on to the last.
    private(set) var isWholeFile = false

    /// Frames of the span by what the file says; nil where it does not say.
    private(set) var statedFrames: Int?
    /// Frames handed out so far.
    private(set) var frameCount = 0
    private(set) var warnings: [String] = []

    private static let blockFrames = 4_096
    /// Longer than any recording.
    static let secondsMax = 1e9

    /// Moves to where the span begins.
    init(
        _ source: any FrameSource, _ span: AudioSource, limits: AudioLimits
    ) throws(AudioError) {
        self.source = source
        path = span.path
        let rate = source.sampleRate
        let start = try Self.frames(span.offsetSeconds, rate, path)
        remaining = nil
        if let seconds = span.durationSeconds { remaining = try Self.frames(seconds, rate, path) }
        self.start = start
        isAtStart = start == 0
        roundingFrames = Int((limits.roundingSeconds * Double(rate)).rounded(.up))
        framesMax = Int(limits.secondsMax * Double(rate))
        if let declared = source.declaredFrames {
            let length = min(max(0, declared - start), remaining ?? .max)
            guard length <= framesMax else { throw tooLong(length) }
            statedFrames = length
        }
        if start > 0 { try skip(to: start) }
    }

    /// Replaces `block` by the next interleaved frames and returns how many; 0 at the end.
    mutating func read(into block: inout [Float]) throws(AudioError) -> Int {
        guard !isFinished else { return 0 }
        if remaining == 0 { return try readRoundedTail(into: &block) }
        let got = try fill(&block, frames: min(Self.blockFrames, remaining ?? .max))
        if got == 0 {
            isFinished = true
            // At the very end as behind it, and in every format alike.
            guard frameCount > 0 || isAtStart else { throw beginsAtEnd(at: start) }
            isWholeFile = isAtStart
            if let remaining, remaining > roundingFrames {
                warnings.append(
                    "the span asks for \(seconds(frameCount + remaining)) s, the recording has "
                        + "\(seconds(frameCount)) s from its start")
            }
        }
        remaining = remaining.map { $0 - got }
        try count(got)
        return got
    }

    /// The few frames behind a stated duration that was rounded down; none if more follow.
    private mutating func readRoundedTail(into block: inout [Float]) throws(AudioError) -> Int {
        isFinished = true
        guard isAtStart, frameCount > 0 else {
            try source.finish()
            return 0
        }
        var tail: [Float] = []
        var frames = 0
        while frames <= roundingFrames {
            let got = try fill(&block, frames: roundingFrames + 1 - frames)
            if got == 0 {
                isWholeFile = true
                block = tail
                try count(frames)
                return frames
            }
            frames += got
            tail += block[..<(got * source.channelCount)]
        }
        try source.finish()
        return 0
    }

    private func fill(_ block: inout [Float], frames: Int) throws(AudioError) -> Int {
        let count = min(frames, Self.blockFrames) * source.channelCount
        if block.count < count { block = [Float](repeating: 0, count: count) }
        // A closure would lose the error's type, so the result carries it.
        let result = block.withUnsafeMutableBufferPointer { buffer -> Result<Int, AudioError> in
            do throws(AudioError) {
                return .success(try source.read(into: .init(rebasing: buffer[..<count])))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private mutating func count(_ frames: Int) throws(AudioError) {
        frameCount += frames
        guard frameCount <= framesMax else { throw tooLong(frameCount) }
    }

    private func beginsAtEnd(at end: Int) -> AudioError {
        AudioError(
            .manifestBadSpan, path,
            "the span begins at \(seconds(start)) s, the recording ends at \(seconds(end)) s")
    }

    private func skip(to start: Int) throws(AudioError) {
        var block: [Float] = []
        var position = try source.seek(toFrame: start)
        while position < start {
            let got = try fill(&block, frames: start - position)
            guard got > 0 else {
                throw beginsAtEnd(at: position)
            }
            position += got
        }
    }

    private func seconds(_ frames: Int) -> Double { Double(frames) / Double(source.sampleRate) }

    private func tooLong(_ frames: Int) -> AudioError {
        AudioError(
            .audioTooLong, path,
            "\(seconds(frames)) s or more, \(seconds(framesMax)) s are accepted; split the recording"
        )
    }

    /// Seconds to whole frames; the bound keeps the product far from overflow.
    static func frames(
        _ seconds: Double, _ rate: Int, _ path: String
    ) throws(AudioError) -> Int {
        guard seconds >= 0, seconds <= secondsMax else {
            throw AudioError(
                .manifestBadSpan, path, "\(seconds) is not a usable number of seconds")
        }
        return Int((seconds * Double(rate)).rounded())
    }
}
