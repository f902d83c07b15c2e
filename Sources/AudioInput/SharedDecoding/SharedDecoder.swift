internal import AudioDecoding
internal import AudioFormats
internal import SpeechTypes

/// One decode of a recording from its start, from which several spans take their samples in turn.
///
/// Every sample is the one that a decode of the whole file has there: the decoder never moves but
/// forward. What was decoded last is kept, since spans may overlap.
///
/// Sendable without the compiler's check, because one ``DecoderLease`` at a time uses it.
final class SharedDecoder: @unchecked Sendable {
    let source: any FrameSource
    /// What was known of the file when it was opened.
    let findings: FileFindings
    let openingWarnings: [String]

    /// The latest samples, interleaved.
    private var recent: [Float] = []
    private var recentStart = 0
    private var isAtEnd = false
    private var failure: AudioError?

    /// Samples that are kept whoever asks: for rows that are begun in another order.
    private static let keptMin = 1 << 20
    /// Samples that are kept since the start of the latest span, for one that overlaps it.
    private static let keptMax = 1 << 22
    /// Trimmed so much at a time.
    private static let slack = 1 << 18

    init(_ opened: OpenedRecording) {
        source = opened.source
        findings = opened.findings
        openingWarnings = opened.source.warnings
    }

    /// Whether a span that begins there can be read without decoding from the start again.
    func reaches(_ frame: Int) -> Bool { frame >= recentStart }

    /// The frame behind the last one decoded.
    var position: Int { recentStart + recent.count / source.channelCount }

    /// Fills the start of `buffer` with whole frames from `frame` on; 0 at the end.
    ///
    /// - Parameter spanStart: nothing from there on is forgotten, up to a limit.
    /// - Precondition: the frame is reached, and not ahead of ``position``.
    /// - Throws: what the decoder threw, to all who come to where it did.
    func read(
        at frame: Int, into buffer: UnsafeMutableBufferPointer<Float>, spanStart: Int
    ) throws(AudioError) -> Int {
        precondition((recentStart...position).contains(frame), "frame \(frame) is at hand")
        let channels = source.channelCount
        let offset = (frame - recentStart) * channels
        if offset < recent.count {
            let count = min(recent.count - offset, buffer.count / channels * channels)
            for index in 0..<count { buffer[index] = recent[offset + index] }
            return count / channels
        }
        if let failure { throw failure }
        guard !isAtEnd else { return 0 }
        let got: Int
        do throws(AudioError) {
            got = try source.read(into: buffer)
        } catch {
            failure = error
            throw error
        }
        isAtEnd = got == 0
        recent.append(contentsOf: buffer[..<(got * channels)])
        trim(spanStart: spanStart)
        return got
    }

    /// Whether another try may go better: the storage was at fault, not the file.
    var hasFailedForNow: Bool { failure.map { $0.failureClass != .input } ?? false }

    private func trim(spanStart: Int) {
        let channels = source.channelCount
        let ofSpan = (position - max(spanStart, recentStart)) * channels
        let kept = min(max(ofSpan, Self.keptMin), Self.keptMax)
        guard recent.count >= kept + Self.slack else { return }
        let dropped = (recent.count - kept) / channels
        recent.removeFirst(dropped * channels)
        recentStart += dropped
    }
}
