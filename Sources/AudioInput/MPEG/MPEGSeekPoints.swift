internal import SpeechTypes

/// Frames of a stream of MPEG audio from which decoding can begin, found by one walk over the stream.
///
/// What a frame of layer III decodes to rests on bytes of frames before it (511 at most), on the
/// transform's overlap with the frame before, and on 16 blocks of its synthesis filter: on 26 frames at
/// the lowest bit rates. The filter's ring turns once in 16 blocks, and in which order it is summed up
/// depends on its place: it is the same again after four frames of 36 blocks, or eight of 18. So a
/// decoder that begins at a multiple of 32 frames, and 32 frames before those that are asked for, gives
/// the very samples that a decode from the start gives.
struct MPEGSeekPoints: Sendable {
    private let samplesPerFrame: Int
    /// Samples that the encoder added in front.
    private let trimmedSamples: Int
    /// Where each 32nd frame with sound stands in the file.
    private let offsets: [Int]

    /// Frames between two points, and from a point to the first samples that are right.
    static let stride = 32

    /// A place to begin at.
    struct Point: Equatable {
        /// In the file, of a frame's header.
        let offset: Int
        /// Frames of MPEG audio before it.
        let frameCount: Int
        /// Samples of the recording before it, those that are left out at the start not counted.
        let position: Int
    }

    /// Nil where the place of a sample does not follow from the number of its frame: rate, channels or
    /// layer change, or several streams with paddings of their own were joined.
    init?(walking file: AudioFile, from offset: Int) throws(AudioError) {
        var frames = MPEGFrames(file, from: offset)
        var first: MPEGFrameHeader?
        var trimming = MPEGTrimming()
        var hasInformation = false
        var offsets: [Int] = []
        var count = 0
        while let item = try frames.next() {
            switch item {
            case .frame(let header, let offset):
                guard first.map(header.isOfSameStream) ?? true else { return nil }
                first = first ?? header
                if count % Self.stride == 0 { offsets.append(offset) }
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
        self.offsets = offsets
    }

    /// The last place from which all samples from `position` on are right; nil if that is the start.
    func point(before position: Int) -> Point? {
        let frame = (position + trimmedSamples) / samplesPerFrame
        let index = min(frame / Self.stride - 1, offsets.count - 1)
        guard index > 0 else { return nil }
        let frameCount = index * Self.stride
        return Point(
            offset: offsets[index], frameCount: frameCount,
            position: frameCount * samplesPerFrame - trimmedSamples)
    }
}
