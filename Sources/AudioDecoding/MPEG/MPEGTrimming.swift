internal import AudioFormats

/// Which samples of a stream are the recording, and which its encoder added in front and behind.
struct MPEGTrimming {
    /// Samples of this stream so far.
    private var position = 0
    private var start = 0
    private var end: Range<Int>?

    /// The samples by which every decoder of layer III is late.
    private static let decoderDelay = 529

    /// Nothing was added.
    init() {}

    /// What LAME's header says, behind which a stream begins.
    init(_ information: MPEGInformation, samplesPerFrame: Int) {
        if information.startPadding > 0 { start = information.startPadding + Self.decoderDelay }
        let added = information.endPadding - Self.decoderDelay
        if added > 0, let frames = information.frameCount {
            let last = frames * samplesPerFrame
            end = max(0, last - added)..<last
        }
    }

    /// Samples in front that are left out.
    var startSamples: Int { start }

    /// Goes on behind `count` samples of this stream.
    mutating func move(behind count: Int) { position = count }

    /// Takes the next `count` samples and says which of them to keep.
    mutating func kept(_ count: Int) -> [Range<Int>] {
        let here = position..<position + count
        position += count
        let sound = here.clamped(to: start..<max(start, here.upperBound))
        guard let end, sound.overlaps(end) else {
            return sound.isEmpty
                ? [] : [sound.lowerBound - here.lowerBound..<sound.upperBound - here.lowerBound]
        }
        return [
            sound.lowerBound..<max(sound.lowerBound, end.lowerBound),
            min(sound.upperBound, end.upperBound)..<sound.upperBound,
        ]
        .filter { !$0.isEmpty }
        .map { $0.lowerBound - here.lowerBound..<$0.upperBound - here.lowerBound }
    }
}
