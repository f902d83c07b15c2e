/// What a file says of itself, without a sample decoded.
package struct AudioHeader: Hashable, Sendable {
    /// Frames a second; nil where only decoding tells.
    package var sampleRate: Int?
    /// Nil where only decoding tells.
    package var channelCount: Int?
    /// Seconds that the container states, which may be wrong; nil where it states none.
    package var statedSeconds: Double?
    /// Seconds by the first frames and the size of the file, where nothing is stated.
    package var estimatedSeconds: Double?

    /// Stated seconds or else estimated ones: for plans, never for decisions about samples.
    package var likelySeconds: Double? { statedSeconds ?? estimatedSeconds }

    package init(
        sampleRate: Int? = nil, channelCount: Int? = nil, statedSeconds: Double? = nil,
        estimatedSeconds: Double? = nil
    ) {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.statedSeconds = statedSeconds
        self.estimatedSeconds = estimatedSeconds
    }
}

extension AudioHeader {
    /// What is read here without the help of a decoder's library; nil for types of which nothing is.
    ///
    /// Reads a bounded part of the file: at most a few hundred kilobytes, at its start and its end.
    ///
    /// - Throws: `quarantinedSource` if a read fails.
    package init?(of file: AudioFile, _ recognition: AudioRecognition) throws(AudioError) {
        let offset = recognition.offset
        let found: AudioHeader? =
            switch recognition.format {
            case .flac: FLACStreamInfo(try file.bytes(at: offset, count: 42))?.header
            case .ogg: try OggHeader.read(file, at: offset)
            case .wave, .rf64, .bw64, .bigEndianWave:
                try WAVELayout(reading: file, at: offset).header
            case .mp4: try MP4Header.read(file)
            case .matroska: try MatroskaHeader.read(file)
            case .mpegAudio: try MPEGHeader.read(file, at: offset)
            case .adts: try ADTSHeader.read(file, at: offset)
            case .amr: try AMRHeader.read(file)
            default: nil
            }
        guard let found else { return nil }
        self = found
    }
}
