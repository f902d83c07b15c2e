internal import AudioFormats

/// What a walk over the frames of a stream found, besides the samples.
struct MPEGFindings: Hashable, Sendable {
    /// Seconds that the headers of the stream, or of the streams that were joined, state together; nil
    /// if none does.
    private(set) var statedSeconds: Double?
    /// The file ends within a frame.
    var isCut = false

    private var seconds = 0.0
    private var hasFrames = false
    private var lostFrames = 0
    private var firstLostSeconds = 0.0
    private var junkBytes = 0
    private var junkPlaces = 0
    private var firstJunkSeconds = 0.0

    mutating func add(_ information: MPEGInformation, _ header: MPEGFrameHeader) {
        guard let frames = information.frameCount else { return }
        let samples =
            frames * header.samplesPerFrame - information.startPadding - information.endPadding
        statedSeconds = (statedSeconds ?? 0) + Double(max(0, samples)) / Double(header.sampleRate)
    }

    /// Goes on within the stream, where what is found next is at that time.
    mutating func move(to seconds: Double) {
        self.seconds = seconds
        hasFrames = true
    }

    mutating func addFrame(_ header: MPEGFrameHeader, isWhole: Bool) {
        hasFrames = true
        if !isWhole {
            if lostFrames == 0 { firstLostSeconds = seconds }
            lostFrames += 1
        }
        seconds += Double(header.samplesPerFrame) / Double(header.sampleRate)
    }

    /// Zero bytes, and the rest of a frame, at either end are how streams are cut: they hold no sound
    /// that anyone could decode.
    mutating func addJunk(at offset: Int, byteCount: Int, isZero: Bool, isLast: Bool) {
        let isAtEnd = !hasFrames || isLast
        if isAtEnd, isZero || byteCount <= MPEGFrameHeader.byteCountMax { return }
        if junkPlaces == 0 { firstJunkSeconds = seconds }
        junkPlaces += 1
        junkBytes += byteCount
    }

    var sentences: [String] {
        var sentences: [String] = []
        if junkBytes > 0 {
            sentences.append(
                "\(junkBytes) bytes in \(junkPlaces) place\(junkPlaces == 1 ? "" : "s") are no MPEG "
                    + "audio and were passed over, the first at \(Self.text(firstJunkSeconds)) s")
        }
        if lostFrames > 0 {
            sentences.append(
                "\(lostFrames) MPEG frame\(lostFrames == 1 ? "" : "s") could not be decoded, the "
                    + "first at \(Self.text(firstLostSeconds)) s; silence stands in their place")
        }
        return sentences
    }

    private static func text(_ seconds: Double) -> String {
        String((seconds * 1_000).rounded() / 1_000)
    }
}
