internal import AudioDecoding
internal import AudioFormats

/// One span's view of a sweep.
final class SweptSource: FrameSource {
    let sampleRate: Int
    let channelCount: Int
    let declaredFrames: Int?
    private(set) var warnings: [String]
    let isSeekable = true

    private let lease: SweepLease
    private let sweep: Sweep
    private var position = 0
    private var spanStart = 0

    /// - Precondition: the lease holds the sweep, which reaches the span's start.
    init(_ sweep: Sweep, of lease: SweepLease) {
        self.lease = lease
        self.sweep = sweep
        sampleRate = sweep.source.sampleRate
        channelCount = sweep.source.channelCount
        declaredFrames = sweep.source.declaredFrames
        warnings = sweep.openingWarnings
    }

    deinit { lease.putBack() }

    func seek(toFrame frame: Int) throws(AudioError) -> Int {
        spanStart = frame
        position = min(frame, sweep.position)
        return position
    }

    func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        let (sweep, position, spanStart) = (sweep, position, spanStart)
        let got = try lease.decode { () throws(AudioError) -> Int in
            try sweep.read(at: position, into: buffer, spanStart: spanStart)
        }
        self.position += got
        // What the end reveals is known to those who come to it.
        if got == 0 { warnings = sweep.source.warnings }
        return got
    }

    func finish() throws(AudioError) {
        try sweep.source.finish()
        lease.putBack()
    }
}
