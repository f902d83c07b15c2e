internal import AudioDecoding
internal import AudioFormats

/// One span's view of a shared decoder.
final class LeasedSource: FrameSource {
    let sampleRate: Int
    let channelCount: Int
    let declaredFrames: Int?
    private(set) var warnings: [String]
    let isSeekable = true
    // Only a file that is read whole is compared with what it states, and a span that shares a
    // decoder begins inside of its file.
    let statedSeconds: Double? = nil
    let slackSeconds = 0.0

    private let lease: DecoderLease
    private let decoder: SharedDecoder
    private var position = 0
    private var spanStart = 0

    /// - Precondition: the lease holds the decoder, which reaches the span's start.
    init(_ decoder: SharedDecoder, of lease: DecoderLease) {
        self.lease = lease
        self.decoder = decoder
        sampleRate = decoder.source.sampleRate
        channelCount = decoder.source.channelCount
        declaredFrames = decoder.source.declaredFrames
        warnings = decoder.openingWarnings
    }

    deinit { lease.giveBack() }

    func seek(toFrame frame: Int) throws(AudioError) -> Int {
        spanStart = frame
        position = min(frame, decoder.position)
        return position
    }

    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        let (decoder, position, spanStart) = (decoder, position, spanStart)
        let got = try lease.decode { () throws(AudioError) -> Int in
            try decoder.read(at: position, into: buffer, spanStart: spanStart)
        }
        self.position += got
        // What the end reveals is known to those who come to it.
        if got == 0 { warnings = decoder.source.warnings }
        return got
    }

    func finish() throws(AudioError) {
        let source = decoder.source
        try lease.decode { () throws(AudioError) in try source.finish() }
        lease.giveBack()
    }
}
