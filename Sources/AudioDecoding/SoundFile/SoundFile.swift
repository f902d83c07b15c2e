package import AudioFormats
internal import CSndFile
internal import Glibc
internal import SpeechTypes

/// A file that libsndfile decodes; the only importer of libsndfile.
package final class SoundFile: FrameSource {
    package let sampleRate: Int
    package let channelCount: Int
    package let declaredFrames: Int?
    /// libsndfile's count of frames is ``declaredFrames``; what a header states in seconds is read by
    /// whoever opens the file.
    package let statedSeconds: Double? = nil
    package let slackSeconds = 0.0
    private var ownWarnings: [String] = []

    private let file: AudioFile
    private var handle: OpaquePointer
    private let format: AudioFormat
    private let reader: SoundFileView?
    /// How far before a span's first frame decoding begins; nil where only the start will do.
    private let preRollFrames: Int?
    private var position = 0
    private var checksum: FLACChecksum?

    /// Frames before the end that are read whatever is sought.
    private static let lastFrames = 4_096
    /// libsndfile's way to say that it does not know, with room for lengths near it.
    private static let unknownFrames: sf_count_t = 1 << 60

    /// The frames that are declared were read and are sound, but bytes follow that are none.
    package private(set) var hasBytesBehind = false
    /// Those bytes are another recording, which is read next.
    package var isFollowed = false

    /// Nil if libsndfile does not recognise the file or its header.
    ///
    /// Neither descriptor nor view carries a name, so libsndfile judges by content alone.
    ///
    /// - Parameter view: what libsndfile is to see instead of the file as it is.
    package init?(
        _ file: AudioFile, view: FileView?, format: AudioFormat, flac: FLACStreamInfo?
    ) throws(AudioError) {
        var info = SF_INFO()
        reader = (view ?? Self.window(file)).map { SoundFileView($0) }
        guard let handle = try Self.handle(file, reader, &info) else { return nil }
        self.file = file
        self.handle = handle
        self.format = format
        sampleRate = Int(info.samplerate)
        channelCount = Int(info.channels)
        declaredFrames =
            (0..<Self.unknownFrames).contains(info.frames) ? Int(info.frames) : nil
        let major = Int(info.format) & Int(SF_FORMAT_TYPEMASK)
        let minor = Int(info.format) & Int(SF_FORMAT_SUBMASK)
        preRollFrames =
            info.seekable != 0 && declaredFrames != nil
            ? Self.preRollFrames(major: major, minor: minor, rate: sampleRate) : nil
        checksum = flac.flatMap { FLACChecksum($0) }
    }

    deinit { sf_close(handle) }

    /// What libsndfile is to see of a part of a file; nil for a whole file, which it opens itself.
    private static func window(_ file: AudioFile) -> FileView? {
        file.isPart ? FileView(file, [.range(0..<file.byteCount)]) : nil
    }

    private static func handle(
        _ file: AudioFile, _ reader: SoundFileView?, _ info: inout SF_INFO
    ) throws(AudioError) -> OpaquePointer? {
        guard let reader else {
            let descriptor = try file.duplicate()
            return sf_open_fd(descriptor, Int32(SFM_READ), &info, Int32(SF_TRUE))
        }
        var callbacks = SoundFileView.callbacks
        return sf_open_virtual(
            &callbacks, Int32(SFM_READ), &info, Unmanaged.passUnretained(reader).toOpaque())
    }

    /// What libsndfile makes of a file's header, MPEG left out; nil if it cannot open it.
    package struct Probe {
        package let format: AudioFormat
        package let sampleRate: Int
        package let channelCount: Int
        package let frameCount: Int?
    }

    package static func probe(_ file: AudioFile) throws(AudioError) -> Probe? {
        // What could be MPEG is not shown to libsndfile: its decoder would complain on standard error.
        let head = try file.bytes(at: 0, count: 2)
        guard head.count == 2, !(head[0] == 0xFF && head[1] & 0xE0 == 0xE0) else { return nil }
        var info = SF_INFO()
        let reader = window(file).map { SoundFileView($0) }
        guard let handle = try handle(file, reader, &info) else { return nil }
        sf_close(handle)
        withExtendedLifetime(reader) {}
        let format: AudioFormat
        switch Int(info.format) & Int(SF_FORMAT_TYPEMASK) {
        case Int(SF_FORMAT_MPEG), Int(SF_FORMAT_RAW): return nil
        case Int(SF_FORMAT_HTK): format = .htk
        case Int(SF_FORMAT_MAT4): format = .mat4
        case Int(SF_FORMAT_SDS): format = .sds
        case Int(SF_FORMAT_SD2): format = .sd2
        case Int(SF_FORMAT_MPC2K): format = .mpc2k
        default: format = .soundFileOther
        }
        guard info.samplerate > 0, info.channels > 0 else { return nil }
        return Probe(
            format: format, sampleRate: Int(info.samplerate), channelCount: Int(info.channels),
            frameCount: (0..<unknownFrames).contains(info.frames) ? Int(info.frames) : nil)
    }

    package var isSeekable: Bool { preRollFrames != nil }

    package func seek(toFrame frame: Int) throws(AudioError) -> Int {
        guard let preRollFrames, let declaredFrames else { return 0 }
        // The sum is over the whole recording; frames have checks of their own.
        checksum = nil
        // A span behind the end is one that meets the end: its last frames are read to say where.
        let last = min(frame, declaredFrames - Self.lastFrames)
        let target = max(0, last - preRollFrames)
        guard sf_seek(handle, sf_count_t(target), Int32(SEEK_SET)) == sf_count_t(target) else {
            return try rewound()
        }
        position = target
        return target
    }

    /// Back at the first frame, with nothing left of a seek that failed.
    private func rewound() throws(AudioError) -> Int {
        var info = SF_INFO()
        reader?.rewind()
        guard let fresh = try Self.handle(file, reader, &info) else {
            throw AudioError(
                .audioDamaged, file.path,
                "libsndfile can neither seek in it nor open it again; fetch or encode it again")
        }
        sf_close(handle)
        handle = fresh
        position = 0
        return 0
    }

    package func read(into buffer: UnsafeMutableBufferPointer<Float>) throws(AudioError) -> Int {
        let capacity = buffer.count / channelCount
        let got = Int(sf_readf_float(handle, buffer.baseAddress, sf_count_t(capacity)))
        guard got > 0 else {
            try checkEnd()
            return 0
        }
        position += got
        if checksum != nil {
            checksum?.update(.init(rebasing: buffer[..<(got * channelCount)]))
        }
        return got
    }

    /// libsndfile notes frames that fail their checks in its log, drops them and goes on.
    package func finish() throws(AudioError) {
        if let failure = reader?.failure { throw failure }
        guard format == .flac, hasFailedFrames else { return }
        throw AudioError(
            .audioDamaged, file.path,
            "a FLAC frame fails its checks within the first \(position) frames read; fetch or "
                + "encode the file again")
    }

    private var hasFailedFrames: Bool {
        let log = withUnsafeTemporaryAllocation(byteCount: 1 << 15, alignment: 1) { buffer in
            let count = sf_command(
                handle, Int32(SFC_GET_LOG_INFO), buffer.baseAddress, Int32(buffer.count))
            return String(decoding: buffer[..<max(0, min(Int(count), buffer.count))], as: UTF8.self)
        }
        return log.contains("FLAC__STREAM_DECODER_ERROR")
    }

    /// What the end reveals: libsndfile returns short reads of damaged files with no error set.
    private func checkEnd() throws(AudioError) {
        if format == .flac, let checksum = checksum.take(), position == declaredFrames {
            guard checksum.matches() else {
                try finish()
                throw AudioError(
                    .audioDamaged, file.path,
                    "the decoded samples do not match the MD5 in the FLAC header")
            }
            // The sum proves the frames, so what libFLAC complains of stands behind them.
            hasBytesBehind = hasFailedFrames
            if let failure = reader?.failure { throw failure }
            return
        }
        try finish()
        let error = sf_error(handle)
        if error == Int32(SF_ERR_SYSTEM) { throw file.readError(EIO) }
        let missing = (declaredFrames ?? position) - position
        switch format {
        case .flac, .ogg:
            guard missing <= 0, error == Int32(SF_ERR_NO_ERROR) else {
                throw AudioError(
                    .audioDamaged, file.path,
                    "\(position) of \(declaredFrames ?? position) frames decode; fetch or encode the "
                        + "file again")
            }
        default:
            if missing > 0 {
                ownWarnings.append(
                    "cut short: \(position) of \(declaredFrames ?? position) frames decode")
            }
        }
    }

    package var warnings: [String] {
        hasBytesBehind && !isFollowed
            ? ownWarnings + ["bytes behind the last FLAC frame are no FLAC and were not read"]
            : ownWarnings
    }

    /// Frames to decode before those that are asked for; nil where a seek does not spare the way.
    ///
    /// PCM and FLAC keep nothing from one frame to the next. A Vorbis packet overlaps the one before
    /// it, at most 8,192 frames. Opus carries filters on without end: its specification asks for
    /// 80 ms, and after a second their state is the one of a decode from the start in all files
    /// tried; if it were not, the samples would still be a function of file and frame alone. MPEG
    /// audio has no index, GSM 6.10 cannot seek. What is not known to hold is not used.
    private static func preRollFrames(major: Int, minor: Int, rate: Int) -> Int? {
        switch minor {
        case Int(SF_FORMAT_PCM_S8), Int(SF_FORMAT_PCM_16), Int(SF_FORMAT_PCM_24),
            Int(SF_FORMAT_PCM_32), Int(SF_FORMAT_PCM_U8), Int(SF_FORMAT_FLOAT),
            Int(SF_FORMAT_DOUBLE), Int(SF_FORMAT_ULAW), Int(SF_FORMAT_ALAW):
            // Ogg and MPEG have minors of their own; FLAC's are those of PCM.
            0
        case Int(SF_FORMAT_IMA_ADPCM), Int(SF_FORMAT_MS_ADPCM):
            major == Int(SF_FORMAT_WAV) || major == Int(SF_FORMAT_WAVEX) ? 0 : nil
        case Int(SF_FORMAT_VORBIS): 2 * 8_192
        case Int(SF_FORMAT_OPUS): rate
        default: nil
        }
    }
}
