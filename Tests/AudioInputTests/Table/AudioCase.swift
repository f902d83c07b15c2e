/// One row of the table in docs/audio.md: a file, who decodes it, and what becomes of it.
struct AudioCase: Sendable {
    enum Outcome: Sendable, Equatable {
        /// As many seconds as ffmpeg decodes.
        case asFFmpeg
        /// So many seconds, and why ffmpeg has others.
        case seconds(Double, String)
        case refused(String)
    }

    /// What it is, in words; unique.
    let name: String
    /// As the bench made it.
    let file: String
    let type: String
    let decoder: String
    let outcome: Outcome
    /// The code in the record.
    var record = ""
    /// A word of the sentence in the report; empty if there is none.
    var report = ""

    init(
        _ name: String, _ file: String, _ type: String, _ decoder: String,
        _ outcome: Outcome = .asFFmpeg, record: String = "", report: String = ""
    ) {
        self.name = name
        self.file = file
        self.type = type
        self.decoder = decoder
        self.outcome = outcome
        self.record = record
        self.report = report
    }

    /// The row as the document has it.
    var documented: String {
        let end =
            switch outcome {
            case .asFFmpeg: "as long as ffmpeg has it"
            case .seconds(_, let why): why
            case .refused(let code): "refused: `\(code)`"
            }
        let warning =
            record.isEmpty
            ? report.isEmpty ? "" : "; a warning in the report"
            : "; `audio_warning` \(record)"
        return "| \(name) | \(type) | \(decoder) | \(end)\(warning) |"
    }
}

/// How long the two clips of the bench are.
enum Clip {
    static let a = 3.275
    static let b = 1.5
}

extension AudioCase {
    private static let other = "not as ffmpeg: "
    private static let both = Clip.a + Clip.b

    static let all: [AudioCase] = waves + containers + streams + oggs + mpegs + foreign + refusals

    private static let waves: [AudioCase] = [
        .init("WAV, 16 bits", "a.wav", "WAV", "libsndfile"),
        .init("WAV, float", "float.wav", "WAV", "libsndfile"),
        .init("WAV, 24 bits, extensible header", "s24.wav", "WAV", "libsndfile"),
        .init("WAV, mu-law", "mulaw.wav", "WAV", "libsndfile"),
        .init("WAV, A-law", "alaw.wav", "WAV", "libsndfile"),
        .init("WAV, GSM 6.10", "gsm.wav", "WAV", "libsndfile"),
        .init("WAV, IMA ADPCM", "ima.wav", "WAV", "libsndfile"),
        .init("WAV, MS ADPCM", "ms.wav", "WAV", "libsndfile"),
        .init("WAV, MPEG layer III", "layer3.wav", "WAV", "ffmpeg (wav)"),
        .init("WAV, MPEG layer II", "layer2.wav", "WAV", "ffmpeg (wav)"),
        .init("WAV, G.722", "g722.wav", "WAV", "ffmpeg (wav)"),
        .init("WAV, G.726", "g726.wav", "WAV", "ffmpeg (wav)"),
        .init("RF64", "rf64.wav", "RF64", "libsndfile"),
        .init("BW64", "bw64.wav", "BW64", "libsndfile"),
        .init(
            "RIFX (big-endian WAV)", "rifx.wav", "RIFX", "libsndfile",
            .seconds(Clip.a, other + "it does not open the type")),
        .init("WAV, size of the samples 0", "size0.wav", "WAV", "libsndfile"),
        .init("WAV, size of the samples 0xFFFFFFFF", "sizeF.wav", "WAV", "libsndfile"),
        .init(
            "WAV, size of the samples 0x7FFFF000 (sox to a pipe)", "size7.wav", "WAV", "libsndfile"),
        .init("WAV, size of the samples 0x80000000", "size8.wav", "WAV", "libsndfile"),
        .init(
            "RF64 whose long size was never written", "rf64zero.wav", "RF64", "libsndfile",
            .seconds(Clip.a, other + "it decodes nothing")),
        .init(
            "WAV, two runs of samples", "twodata.wav", "WAV", "libsndfile",
            .seconds(both, other + "it reads the second alone")),
        .init(
            "WAV, two files joined", "joined.wav", "WAV", "libsndfile",
            .seconds(both, other + "it reads the first alone")),
        .init(
            "WAV, two files of different rates joined", "joined8k.wav", "WAV", "libsndfile",
            .seconds(both, other + "it reads the first alone")),
        .init(
            "WAV, cut short", "cut.wav", "WAV", "libsndfile", record: "shorter_than_stated",
            report: "cut short"),
        .init(
            "WAV, size smaller than what follows, which is no chunk", "stale.wav", "WAV",
            "libsndfile",
            record: "unread_bytes", report: "belong to no chunk"),
        .init(
            "WAV, a few bytes behind the samples", "trailing.wav", "WAV", "libsndfile",
            report: "belong to no chunk"),
        .init("WAV, ID3v1 tag behind the samples", "tagged.wav", "WAV", "libsndfile"),
    ]

    private static let containers: [AudioCase] = [
        .init("Wave64", "a.w64", "Wave64", "libsndfile"),
        .init(
            "Wave64, size too large", "big.w64", "Wave64", "libsndfile",
            record: "shorter_than_stated",
            report: "cut short"),
        .init("AIFF", "a.aiff", "AIFF", "libsndfile"),
        .init("AIFF-C, little-endian", "sowt.aiff", "AIFF-C", "libsndfile"),
        .init(
            "AIFF, size of the samples 0", "size0.aiff", "AIFF", "libsndfile",
            .seconds(Clip.a, other + "it does not open the file")),
        .init("AIFF, size of the samples 0xFFFFFFFF", "sizeF.aiff", "AIFF", "libsndfile"),
        .init(
            "AIFF, size smaller than what follows, which is no chunk", "stale.aiff", "AIFF",
            "libsndfile", record: "unread_bytes", report: "belong to no chunk"),
        .init(
            "AIFF, cut short", "cut.aiff", "AIFF", "libsndfile", record: "shorter_than_stated",
            report: "cut short"),
        .init("AU", "a.au", "AU", "libsndfile"),
        .init("AU, size not known", "sizeF.au", "AU", "libsndfile"),
        .init("AU, size of the samples 0", "size0.au", "AU", "libsndfile"),
        .init(
            "AU, size smaller than what follows", "stale.au", "AU", "libsndfile",
            record: "longer_than_stated", report: "longer than stated"),
        .init(
            "AU, cut short", "cut.au", "AU", "libsndfile", record: "shorter_than_stated",
            report: "cut short"),
        .init("CAF, 16 bits", "a.caf", "CAF", "libsndfile"),
        .init("CAF, ALAC", "alac.caf", "CAF", "ffmpeg (caf)"),
        .init("CAF, size not known", "sizeF.caf", "CAF", "ffmpeg (caf)"),
        .init(
            "CAF, cut short", "cut.caf", "CAF", "ffmpeg (caf)", record: "shorter_than_stated",
            report: "cut short"),
        .init("VOC", "a.voc", "VOC", "ffmpeg (voc)"),
        .init("IRCAM", "a.ircam", "IRCAM", "libsndfile"),
        .init("NIST SPHERE", "a.sph", "NIST SPHERE", "libsndfile"),
        .init("SoX native", "a.sox", "SoX native", "ffmpeg (sox)"),
    ]

    private static let streams: [AudioCase] = [
        .init("FLAC", "a.flac", "FLAC", "libsndfile"),
        .init("FLAC behind an ID3v2 tag", "id3v2.flac", "FLAC", "libsndfile"),
        .init("FLAC with an ID3v1 tag behind", "id3v1.flac", "FLAC", "libsndfile"),
        .init("FLAC with an APE tag behind", "ape.flac", "FLAC", "libsndfile"),
        .init(
            "FLAC with other bytes behind", "junk.flac", "FLAC", "libsndfile",
            report: "behind the last FLAC frame"),
        .init(
            "FLAC, two files joined", "joined.flac", "FLAC", "libsndfile",
            .seconds(both, other + "it loses a frame at the seam")),
    ]

    private static let oggs: [AudioCase] = [
        .init("Ogg Vorbis", "v.ogg", "Ogg", "libsndfile"),
        .init("Ogg Opus", "o.opus", "Ogg", "libsndfile"),
        .init("Ogg FLAC that states no length", "f.oga", "Ogg", "ffmpeg (ogg)"),
        .init("Ogg Speex", "s.spx", "Ogg", "ffmpeg (ogg)"),
        .init("Ogg with pictures (Theora and Vorbis)", "t.ogv", "Ogg", "ffmpeg (ogg)"),
        .init("Ogg, streams one after another", "chain.opus", "Ogg", "ffmpeg (ogg)"),
        .init(
            "Ogg joined in mid-stream: a gap after the headers", "midstream.opus", "Ogg",
            "ffmpeg (ogg)", report: "middle of a broadcast"),
        .init(
            "Ogg, pages lost inside", "lost.opus", "Ogg", "ffmpeg (ogg)", record: "lost_inside",
            report: "pages are missing"),
        .init(
            "Ogg, padding between pages", "padded.opus", "Ogg", "ffmpeg (ogg)",
            report: "belong to none"),
        .init("Ogg, cut short", "cut.opus", "Ogg", "libsndfile", report: "cut short"),
    ]

    private static let mpegs: [AudioCase] = [
        .init("MP3 with a Xing header", "a.mp3", "MPEG audio", "libmpg123"),
        .init("MP3, variable rate without a Xing header", "vbr.mp3", "MPEG audio", "libmpg123"),
        .init(
            "MP3, two files joined", "joined.mp3", "MPEG audio", "libmpg123",
            .seconds(both, other + "it plays the second one's header and padding")),
        .init(
            "MP3, a file without a header joined to one with", "joinedbare.mp3", "MPEG audio",
            "libmpg123", .seconds(both + 0.084, other + "it plays padding at the seam"),
            record: "longer_than_stated", report: "longer than stated"),
        .init(
            "MP3 whose sample rate changes", "rate.mp3", "MPEG audio", "libmpg123",
            .seconds(4.915_375, other + "its resampler drops the end of a part")),
        .init("MP3 whose channels change", "channels.mp3", "MPEG audio", "libmpg123"),
        .init(
            "MP3 behind zero bytes", "zeros.mp3", "MPEG audio", "libmpg123",
            .seconds(Clip.a, other + "it misses the header and plays the padding")),
        .init("MP3 that begins within a frame", "half.mp3", "MPEG audio", "libmpg123"),
        .init(
            "MP3 with junk between frames", "junk.mp3", "MPEG audio", "libmpg123",
            .seconds(6.696, other + "it loses the frame behind the junk"), report: "passed over"),
        .init(
            "MP3, cut short", "cut.mp3", "MPEG audio", "libmpg123",
            .seconds(2.126_937_5, other + "it plays a part of the last frame"),
            record: "shorter_than_stated", report: "cut short"),
        .init("MPEG layer II", "a.mp2", "MPEG audio", "libmpg123"),
        .init("MPEG layer II that begins within a frame", "half.mp2", "MPEG audio", "libmpg123"),
        .init("AAC in ADTS", "a.aac", "AAC in ADTS", "ffmpeg (aac)"),
        .init("AAC in LOAS", "a.latm", "AAC in LOAS", "ffmpeg (loas)"),
        .init("MP4, AAC", "a.m4a", "MP4", "ffmpeg (mov)"),
        .init("MP4, ALAC", "alac.m4a", "MP4", "ffmpeg (mov)"),
        .init("MP4 in fragments", "fragments.mp4", "MP4", "ffmpeg (mov)"),
        .init(
            "MP4, two files joined", "joined.m4a", "MP4", "ffmpeg (mov)", record: "unread_bytes",
            report: "another MP4"),
        .init("QuickTime, 16 bits", "a.mov", "MP4", "ffmpeg (mov)"),
        .init("MPEG transport stream, AAC", "aac.ts", "MPEG transport stream", "ffmpeg (mpegts)"),
        .init(
            "MPEG transport stream, layer II", "mp2.ts", "MPEG transport stream", "ffmpeg (mpegts)"),
        .init(
            "MPEG transport stream that begins within a packet", "half.ts", "MPEG transport stream",
            "ffmpeg (mpegts)"),
        .init("Blu-ray stream (M2TS), AC-3", "a.m2ts", "MPEG transport stream", "ffmpeg (mpegts)"),
        .init(
            "MPEG program stream (VOB), layer II", "a.vob", "MPEG program stream", "ffmpeg (mpeg)"),
        .init(
            "MPEG program stream that begins within a pack", "half.vob", "MPEG program stream",
            "ffmpeg (mpeg)", report: "decoded with errors"),
    ]

    private static let foreign: [AudioCase] = [
        .init("Matroska, FLAC", "a.mka", "Matroska", "ffmpeg (matroska)"),
        .init("WebM, Opus", "a.webm", "Matroska", "ffmpeg (matroska)"),
        .init(
            "Matroska with two tracks of sound", "two.mka", "Matroska", "ffmpeg (matroska)",
            report: "the first of 2 tracks"),
        .init("AVI, layer II", "a.avi", "AVI", "ffmpeg (avi)"),
        .init("Flash video, AAC", "a.flv", "FLV", "ffmpeg (flv)"),
        .init("Windows Media, WMA 2", "a.wma", "ASF", "ffmpeg (asf)"),
        .init("RealMedia, RealAudio 1", "a.rm", "RealMedia", "ffmpeg (rm)"),
        .init("NUT", "a.nut", "NUT", "ffmpeg (nut)"),
        .init("Windows TV recording, layer II", "a.wtv", "WTV", "ffmpeg (wtv)"),
        .init("AC-3", "a.ac3", "AC-3", "ffmpeg (ac3)"),
        .init("E-AC-3", "a.eac3", "E-AC-3", "ffmpeg (eac3)"),
        .init("DTS", "a.dts", "DTS", "ffmpeg (dts)"),
        .init("TrueHD", "a.thd", "TrueHD", "ffmpeg (truehd)"),
        .init("True Audio", "a.tta", "True Audio", "ffmpeg (tta)"),
        .init("WavPack", "a.wv", "WavPack", "ffmpeg (wv)"),
    ]

    private static let refusals: [AudioCase] = [
        .init(
            "MP4 with DRM (m4p)", "drm.m4p", "MP4", "nobody", .refused("audio.encrypted")),
        .init(
            "MPEG transport stream, scrambled", "scrambled.ts", "MPEG transport stream", "nobody",
            .refused("audio.encrypted")),
        .init("Audible AA", "a.aa", "Audible AA", "nobody", .refused("audio.encrypted")),
        .init("PGP message", "pgp.wav", "PGP message", "nobody", .refused("audio.encrypted")),
        .init(
            "OpenSSL encrypted", "salted.mp3", "OpenSSL encrypted", "nobody",
            .refused("audio.encrypted")),
        .init("age encrypted", "age.flac", "age encrypted", "nobody", .refused("audio.encrypted")),
        .init("only zero bytes", "blank.mp3", "unknown", "nobody", .refused("audio.only_zeros")),
        .init("no bytes", "empty.wav", "unknown", "nobody", .refused("audio.empty")),
        .init("WAV without samples", "header.wav", "WAV", "nobody", .refused("audio.empty")),
        .init(
            "NIST SPHERE packed with shorten", "packed.sph", "NIST SPHERE", "nobody",
            .refused("audio.unsupported")),
        .init("text", "text.txt", "unknown", "nobody", .refused("audio.unsupported")),
        .init("a picture (JPEG)", "a.jpg", "unknown", "nobody", .refused("audio.unsupported")),
        .init("MP4 without its index", "cut.m4a", "MP4", "nobody", .refused("audio.unsupported")),
        .init("FLAC, cut short", "cut.flac", "FLAC", "nobody", .refused("audio.damaged")),
        .init("FLAC, a byte changed", "flip.flac", "FLAC", "nobody", .refused("audio.damaged")),
        .init("Ogg, a byte changed", "flip.opus", "Ogg", "nobody", .refused("audio.damaged")),
    ]
}
