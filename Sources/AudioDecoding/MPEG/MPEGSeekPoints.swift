package import AudioFormats
internal import SpeechTypes

/// Frames of a stream of MPEG audio from which decoding can begin, found by one walk over the stream.
///
/// What a frame of layer III decodes to rests on up to 511 bytes of sound in frames before it, on the
/// transform's overlap with the frame before, and on 16 blocks of its synthesis filter. The filter's
/// ring turns once in 16 blocks, and in which order it is summed up depends on its place: it is the same
/// again after four frames of 36 blocks, or eight of 18. So a decoder that begins at a multiple of 16
/// frames gives the very samples of a decode from the start, if no frame fails on the way: a failed one
/// turns no ring. Therefore frames are muted up to ``settlingFrames`` before those that are asked for:
/// they turn the ring, and the bytes of sound that they hold are kept for the frames behind them.
package struct MPEGSeekPoints: Sendable {
    private let samplesPerFrame: Int
    /// Samples that the encoder added in front.
    private let trimmedSamples: Int
    /// Where each 16th frame with sound stands in the file, and the bytes of sound before it.
    private let places: [(offset: Int, soundBytes: Int)]

    private static let stride = 16
    /// Frames that are decoded for what they leave in the decoder: one would do for the overlap, and
    /// one for the filter.
    private static let settlingFrames = 8
    /// Bytes of earlier frames that a frame may use.
    private static let reservoirBytes = 511

    /// A place to begin at.
    struct Point: Equatable {
        /// In the file, of a frame's header.
        let offset: Int
        /// Frames of MPEG audio before it.
        let frameCount: Int
        /// Samples of the recording before it, those that are left out at the start not counted.
        let position: Int
        /// Frames from there on that are muted, and those that are decoded and not used.
        let mutedCount: Int
        let preRollCount: Int
    }

    /// Nil where the place of a sample does not follow from the number of its frame: rate, channels or
    /// layer change, or several streams with paddings of their own were joined.
    ///
    /// And nil for layer III with checksums, which a muted frame would not pass.
    package init?(walking file: AudioFile, from offset: Int) throws(AudioError) {
        var frames = MPEGFrames(file, from: offset)
        var first: MPEGFrameHeader?
        var trimming = MPEGTrimming()
        var hasInformation = false
        var places: [(offset: Int, soundBytes: Int)] = []
        var soundBytes = 0
        var count = 0
        while let item = try frames.next() {
            switch item {
            case .frame(let header, let offset):
                guard first.map(header.isOfSameStream) ?? true,
                    header.layer < 3 || !header.hasChecksum
                else { return nil }
                first = first ?? header
                if count % Self.stride == 0 { places.append((offset, soundBytes)) }
                soundBytes += max(0, header.byteCount - 6 - header.sideInformationBytes)
                count += 1
            case .information(let information, let header, _):
                guard first == nil, !hasInformation else { return nil }
                hasInformation = true
                trimming = MPEGTrimming(information, samplesPerFrame: header.samplesPerFrame)
            case .junk, .cut: break
            }
        }
        guard let first else { return nil }
        samplesPerFrame = first.samplesPerFrame
        trimmedSamples = trimming.startSamples
        self.places = places
    }

    /// The last place from which all samples from `position` on are right; nil if that is the start.
    func point(before position: Int) -> Point? {
        guard let end = places.indices.last else { return nil }
        let wanted = min((position + trimmedSamples) / samplesPerFrame, end * Self.stride)
        let settling = wanted - Self.settlingFrames
        guard settling > 0 else { return nil }
        let latest = places[settling / Self.stride].soundBytes
        var index = settling / Self.stride
        while index > 0, latest - places[index].soundBytes < Self.reservoirBytes { index -= 1 }
        guard index > 0 else { return nil }
        let frameCount = index * Self.stride
        return Point(
            offset: places[index].offset, frameCount: frameCount,
            position: frameCount * samplesPerFrame - trimmedSamples,
            mutedCount: settling - frameCount, preRollCount: wanted - frameCount)
    }
}
