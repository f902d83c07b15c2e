/// The program part that turns a file into samples.
package enum AudioDecoder: Hashable, Sendable, CustomStringConvertible {
    case libsndfile
    case libmpg123
    /// A process of its own, told to use this demuxer and no other.
    case ffmpeg(demuxer: String)
    /// Known, and refused.
    case nobody

    package var description: String {
        switch self {
        case .libsndfile: "libsndfile"
        case .libmpg123: "libmpg123"
        case .ffmpeg(let demuxer): "ffmpeg (\(demuxer))"
        case .nobody: "nobody"
        }
    }
}

/// Who decodes a type of file, who does if the first cannot open it, and why it is so.
package struct DecoderChoice: Hashable, Sendable {
    package let first: AudioDecoder
    /// For what libsndfile does not open though it knows the container (AAC in CAF, G.722 in WAV).
    package let second: AudioDecoder?
    package let reason: String

    fileprivate init(_ first: AudioDecoder, or second: AudioDecoder? = nil, _ reason: String) {
        self.first = first
        self.second = second
        self.reason = reason
    }

    fileprivate static func library(or demuxer: String?, _ reason: String) -> Self {
        Self(.libsndfile, or: demuxer.map { .ffmpeg(demuxer: $0) }, reason)
    }

    fileprivate static func foreign(_ demuxer: String, _ reason: String = onlyFFmpeg) -> Self {
        Self(.ffmpeg(demuxer: demuxer), reason)
    }

    private static let onlyFFmpeg = "libsndfile does not know the type"
}

extension AudioFormat {
    /// The one table of who decodes what; `docs/audio.md` shows it to people.
    package var decoding: DecoderChoice {
        switch self {
        case .wave:
            .library(
                or: "wav",
                "libsndfile for PCM, float, mu-law, A-law, GSM and its ADPCM; the rest, MPEG "
                    + "among it, by ffmpeg, since libsndfile counts MPEG frames wrongly")
        case .bigEndianWave: .library(or: nil, "libsndfile reads big-endian WAV, ffmpeg does not")
        case .rf64: .library(or: "wav", "as WAV")
        case .bw64: .library(or: "wav", "RF64 under another name; libsndfile is shown it as that")
        case .wave64: .library(or: "w64", "libsndfile reads it in this process")
        case .flac: .library(or: nil, "libsndfile checks every frame; ffmpeg conceals damage")
        case .ogg:
            .library(
                or: "ogg",
                "libsndfile for one whole stream of Vorbis, Opus or FLAC; ffmpeg for chains, "
                    + "for gaps, and for Speex and video")
        case .aiff: .library(or: "aiff", "libsndfile reads it in this process")
        case .aifc: .library(or: "aiff", "libsndfile; ffmpeg for codecs that it lacks")
        case .au: .library(or: "au", "libsndfile; ffmpeg for codecs that it lacks")
        case .caf: .library(or: "caf", "libsndfile; ffmpeg for AAC and others that it lacks")
        case .sphere: .library(or: "nistsphere", "libsndfile; packed (shorten) files are refused")
        case .voc: .foreign("voc", "libsndfile takes the heads of later blocks for samples")
        case .ircam: .library(or: "ircam", "libsndfile reads it in this process")
        case .svx: .library(or: "iff", "libsndfile; ffmpeg for compressed samples")
        case .paf: .library(or: "epaf", "libsndfile reads it in this process")
        case .pvf: .library(or: "pvf", "libsndfile reads it in this process")
        case .avr: .library(or: "avr", "libsndfile reads it in this process")
        case .wve: .library(or: "wve", "libsndfile reads it in this process")
        case .mat5, .mat4, .htk, .sds, .xi, .sd2, .mpc2k, .soundFileOther:
            .library(or: nil, "only libsndfile knows the type")
        case .mpegAudio:
            .init(
                .libmpg123,
                "frame by frame, whatever a Xing header counts; libsndfile stops at that "
                    + "count or where the rate changes, and starting ffmpeg takes longer than a clip"
            )
        case .avi: .foreign("avi")
        case .qcp: .foreign("qcp")
        case .xwma: .foreign("xwma")
        case .adts: .foreign("aac")
        case .loas: .foreign("loas")
        case .mp4: .foreign("mov")
        case .mpegTransport: .foreign("mpegts")
        case .mpegProgram: .foreign("mpeg")
        case .matroska: .foreign("matroska")
        case .asf: .foreign("asf")
        case .flv: .foreign("flv")
        case .realMedia: .foreign("rm")
        case .mxf: .foreign("mxf")
        case .nut: .foreign("nut")
        case .wtv: .foreign("wtv")
        case .gxf: .foreign("gxf")
        case .ac3: .foreign("ac3")
        case .eac3: .foreign("eac3")
        case .dts: .foreign("dts")
        case .trueHD: .foreign("truehd")
        case .amr: .foreign("amr")
        case .wavPack: .foreign("wv")
        case .monkeysAudio: .foreign("ape")
        case .trueAudio: .foreign("tta")
        case .musepack7: .foreign("mpc")
        case .musepack8: .foreign("mpc8")
        case .tak: .foreign("tak")
        case .shorten: .foreign("shn")
        case .dsf: .foreign("dsf")
        case .dsdiff: .foreign("iff")
        case .sox: .foreign("sox")
        case .oma: .foreign("oma")
        case .audibleAA: .init(.nobody, "encrypted; its key is the shop's")
        case .pgpMessage, .openSSLSalted, .ageEncrypted:
            .init(.nobody, "encrypted; decrypt it first")
        }
    }
}
