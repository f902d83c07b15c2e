internal import AudioDecoding
internal import AudioFormats

/// A decoder of a file at its first frame, and what is known of the file already.
struct OpenedRecording {
    let source: any FrameSource
    var findings: FileFindings

    init(_ source: any FrameSource, _ findings: FileFindings = FileFindings()) {
        self.source = source
        self.findings = findings
    }

    /// Who decodes it.
    var decoder: AudioDecoder {
        switch source {
        case let foreign as FFmpegDecoder: .ffmpeg(demuxer: foreign.demuxer)
        case is MPEGDecoder: .libmpg123
        default: .libsndfile
        }
    }
}
