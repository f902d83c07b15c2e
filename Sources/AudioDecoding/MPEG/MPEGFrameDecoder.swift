internal import AudioFormats
internal import CMPG123

/// libmpg123, given one frame at a time; the only importer of it.
///
/// It never looks for frames itself, prints nothing, and runs its portable code, so that every
/// processor decodes to the same bits.
final class MPEGFrameDecoder {
    private let handle: OpaquePointer
    private var silence: [Float] = []

    init() {
        // Needed before 1.27 only, and harmless since; tables are made once.
        _ = Self.isReady
        var failure: Int32 = 0
        guard let handle = mpg123_new("generic", &failure) else {
            preconditionFailure("libmpg123 has no memory for a decoder (\(failure))")
        }
        self.handle = handle
        let flags =
            Int(MPG123_QUIET.rawValue) | Int(MPG123_FORCE_FLOAT.rawValue)
            | Int(MPG123_NO_READAHEAD.rawValue) | Int(MPG123_IGNORE_INFOFRAME.rawValue)
            | Int(MPG123_SKIP_ID3V2.rawValue)
        mpg123_param2(handle, Int32(MPG123_ADD_FLAGS.rawValue), flags, 0)
        mpg123_param2(
            handle, Int32(MPG123_REMOVE_FLAGS.rawValue), Int(MPG123_GAPLESS.rawValue), 0)
        let status = mpg123_open_feed(handle)
        precondition(status == 0, "libmpg123 takes frames from memory")
    }

    deinit { mpg123_delete(handle) }

    private static let isReady = mpg123_init() == 0

    /// Decodes one whole frame and hands its interleaved samples to `emit`: as many as the header
    /// says, silence if the frame cannot be decoded.
    ///
    /// - Returns: false for silence.
    func decode(
        _ frame: ArraySlice<UInt8>, _ header: MPEGFrameHeader,
        emit: (UnsafeBufferPointer<Float>) -> Void
    ) -> Bool {
        let wanted = header.samplesPerFrame * header.channelCount
        let fed = frame.withUnsafeBufferPointer {
            mpg123_feed(handle, $0.baseAddress, $0.count)
        }
        var isTaken = false
        var status = fed
        while status == 0 || status == Int32(MPG123_NEW_FORMAT.rawValue) {
            var number: off_t = 0
            var audio: UnsafeMutablePointer<UInt8>?
            var byteCount = 0
            status = mpg123_decode_frame(handle, &number, &audio, &byteCount)
            guard status == 0, let audio, byteCount > 0 else { continue }
            if !isTaken, byteCount == wanted * 4 {
                audio.withMemoryRebound(to: Float.self, capacity: wanted) {
                    emit(UnsafeBufferPointer(start: $0, count: wanted))
                }
                isTaken = true
            }
        }
        if !isTaken {
            if silence.count < wanted { silence = [Float](repeating: 0, count: wanted) }
            silence.withUnsafeBufferPointer { emit(.init(rebasing: $0[..<wanted])) }
        }
        return isTaken
    }
}
