package import AudioFormats
internal import SpeechTypes

/// MPEG audio, layers I to III, frame by frame.
///
/// All frames are decoded, whatever a header counts. What has another rate or other channels than the
/// first frame is brought to those of the first. The padding that LAME's headers tell of is left out, in
/// each of several files that were joined.
package final class MPEGDecoder: FrameSource {
    package let sampleRate: Int
    package let channelCount: Int
    package let declaredFrames: Int? = nil

    /// What the walk over the frames found so far.
    private(set) var findings: MPEGFindings

    private let file: AudioFile
    private let decoder: MPEGFrameDecoder
    private var frames: MPEGFrames
    private var trimming = MPEGTrimming()
    private var adapter: FormatAdapter
    private var pending: [Float] = []
    private var pendingStart = 0
    private var isAtEnd = false
    private let seekPoints: MPEGSeekPoints?
    /// Frames still to come that are decoded for what they leave in the decoder, and those of them
    /// whose sound is not decoded.
    private var preRoll = 0
    private var muted = 0

    /// Nil if there is no frame with sound from `offset` on.
    ///
    /// - Parameter seekPoints: of this stream, to begin within it; without them it cannot seek.
    package init?(
        _ file: AudioFile, from offset: Int, seekPoints: MPEGSeekPoints? = nil
    ) throws(AudioError) {
        self.file = file
        self.seekPoints = seekPoints
        frames = MPEGFrames(file, from: offset)
        var first: MPEGFrameHeader?
        var ahead = frames
        while first == nil, let item = try ahead.next() {
            switch item {
            case .frame(let header, _): first = header
            // A header's frame may be of other channels than what it describes.
            case .information, .junk, .cut: break
            }
        }
        guard let first else { return nil }
        sampleRate = first.sampleRate
        channelCount = first.channelCount
        findings = MPEGFindings()
        decoder = MPEGFrameDecoder()
        adapter = FormatAdapter(sampleRate: first.sampleRate, channelCount: first.channelCount)
    }

    package var warnings: [String] { findings.sentences }
    package var statedSeconds: Double? { findings.statedSeconds }
    /// Encoders pad the ends, and headers count that padding in more than one way.
    package var slackSeconds: Double { 2 * 1_152 / Double(sampleRate) }

    package var isSeekable: Bool { seekPoints != nil }

    package func seek(toFrame frame: Int) throws(AudioError) -> Int {
        guard let point = seekPoints?.point(before: frame) else { return 0 }
        // What stands before the first frame with sound tells how the stream is trimmed.
        while let item = try frames.next() {
            guard case .information(let information, let header, _) = item else {
                if case .frame = item { break }
                continue
            }
            findings.add(information, header)
            trimming = MPEGTrimming(information, samplesPerFrame: header.samplesPerFrame)
        }
        frames = MPEGFrames(file, from: point.offset)
        let samples = point.position + trimming.startSamples
        trimming.move(behind: samples)
        findings.move(to: Double(samples) / Double(sampleRate))
        (muted, preRoll) = (point.mutedCount, point.preRollCount)
        return point.position
    }

    package func finish() throws(AudioError) {}

    package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        // Whole blocks: a frame alone is so short that what is done for each block would show.
        let wanted = buffer.count / channelCount * channelCount
        while pending.count - pendingStart < wanted, !isAtEnd { try decodeNext() }
        let taken = min(pending.count - pendingStart, wanted)
        pending.withUnsafeBufferPointer { pending in
            for index in 0..<taken { buffer[index] = pending[pendingStart + index] }
        }
        pendingStart += taken
        if pendingStart > 0 {
            pending.removeFirst(pendingStart)
            pendingStart = 0
        }
        return taken / channelCount
    }

    private func decodeNext() throws(AudioError) {
        guard let item = try frames.next() else {
            isAtEnd = true
            adapter.finish(into: &pending)
            return
        }
        switch item {
        case .information(let information, let header, _):
            findings.add(information, header)
            trimming = MPEGTrimming(information, samplesPerFrame: header.samplesPerFrame)
        case .junk(let offset, let byteCount):
            let isZero =
                try file.firstNonZero(from: offset).map { $0 >= offset + byteCount } ?? true
            findings.addJunk(
                at: offset, byteCount: byteCount, isZero: isZero,
                isLast: offset + byteCount == file.byteCount)
        case .cut:
            findings.isCut = true
        case .frame(let header, let offset):
            var bytes = frames.bytes(of: header, at: offset)
            if muted > 0 {
                header.mute(&bytes)
                muted -= 1
            }
            let isWhole = decoder.decode(bytes, header) { samples in
                let kept = trimming.kept(samples.count / header.channelCount)
                for range in kept {
                    let part =
                        range.lowerBound * header.channelCount..<range.upperBound
                        * header.channelCount
                    adapter.append(
                        .init(rebasing: samples[part]), sampleRate: header.sampleRate,
                        channelCount: header.channelCount, into: &pending)
                }
            }
            // The first frames may lack bytes of those before them.
            findings.addFrame(header, isWhole: isWhole || preRoll > 0)
            preRoll = max(0, preRoll - 1)
        }
    }
}
