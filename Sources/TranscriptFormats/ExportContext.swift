package import SpeechTypes
package import SubtitleCues
package import TranscriptRows

/// What the header of a recording says.
package struct RecordingFacts: Hashable, Sendable {
    package let sampleRate: Int
    package let channelCount: Int
    package let frameCount: Int

    /// - Precondition: all are positive.
    package init(sampleRate: Int, channelCount: Int, frameCount: Int) {
        precondition(sampleRate > 0 && channelCount > 0 && frameCount > 0, "no such recording")
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.frameCount = frameCount
    }

    package var duration: MediaTime { MediaTime(frames: frameCount, rate: sampleRate) }
}

/// The recordings themselves, for formats that carry them or need to know how long they are.
package protocol RecordingFiles: Sendable {
    /// The absolute path on this machine; nil if the address is none of a file.
    func location(of audio: PathBytes) -> PathBytes?
    /// What the header says; nil if the file is not there or no decoder knows it.
    func facts(of audio: PathBytes) -> RecordingFacts?
    /// The samples of a span at 16 kHz: of one channel, or the mean of all.
    ///
    /// - Throws: `unreadable` if they cannot be had.
    func samples(of segment: TranscriptSegment) throws(ExportError) -> [Float]
}

/// What an export is told besides the rows.
package struct ExportContext: Sendable {
    package var recordings: any RecordingFiles
    package var subtitles: SubtitleOptions
    /// Lhotse's files as `.gz`.
    package var compresses = false
    /// Samples in a shard of webdataset.
    package var shardRowsMax = 10_000
    /// What fairseq's files are called.
    package var split = "train"
    /// Of recordings whose rows name none.
    package var language: String?
    /// Rows without word times that are too long for one subtitle are spread evenly.
    package var spreadsText = false

    /// Where the files of a folder will stand at the end; absolute.
    package var finalFolder = "/"

    package init(recordings: any RecordingFiles, subtitles: SubtitleOptions = SubtitleOptions()) {
        self.recordings = recordings
        self.subtitles = subtitles
    }

    func facts(
        of recording: TranscribedRecording, for format: String
    ) throws(ExportError) -> RecordingFacts {
        if let facts = recordings.facts(of: recording.audio) { return facts }
        let place = recordings.location(of: recording.audio) ?? recording.audio
        throw ExportError(
            .missing,
            "\(place): \(format) needs its sample rate and length, and it cannot be read; name "
                + "the folder in which the rows' relative paths start with --audio-root")
    }
}
