package import SpeechTypes

/// Opens recordings of any supported type; one value serves all threads.
package struct AudioReader: Sendable {
    private let limits: AudioLimits
    private let ffmpeg: String

    /// - Parameter ffmpeg: the program for types that libsndfile does not know, found along PATH.
    package init(limits: AudioLimits = AudioLimits(), ffmpeg: String = "ffmpeg") {
        self.limits = limits
        self.ffmpeg = ffmpeg
    }

    /// Opens a span and moves to its start; the samples come from the stream.
    ///
    /// Blocks while it reads. The type is judged by content, never by name.
    ///
    /// - Parameter progress: is told of everything that is read or decoded, also by the stream.
    /// - Throws: what is known to be wrong before the samples are read.
    package func open(
        _ span: AudioSource, channels policy: ChannelPolicy, progress: EngineProgress? = nil
    ) throws(AudioError) -> AudioStream {
        try open(
            span, of: try AudioFile(opening: span.path, progress: progress), channels: policy,
            progress: progress)
    }

    /// The same of a file that is open already, because its name is not text or was judged first.
    package func open(
        _ span: AudioSource, of file: AudioFile, channels policy: ChannelPolicy,
        progress: EngineProgress? = nil
    ) throws(AudioError) -> AudioStream {
        guard file.byteCount > 0 else {
            throw AudioError(.audioEmpty, span.path, "the file has no bytes")
        }
        var warnings: [String] = []
        var source = try decoder(of: file, &warnings)
        if let progress { source = CountedFrames(source, progress: progress) }
        guard limits.sampleRates.contains(source.sampleRate) else {
            throw sampleRateError(span.path, source.sampleRate)
        }
        guard source.channelCount <= limits.channelsMax,
            let mixer = ChannelMixer(policy, channelCount: source.channelCount)
        else {
            throw AudioError(
                .audioChannel, span.path,
                "\(source.channelCount) channels, asked for \(policy.text); at most "
                    + "\(limits.channelsMax) are accepted")
        }
        let reader = try SpanReader(source, span, limits: limits)
        return AudioStream(
            source, reader: reader, mixer: mixer, path: span.path, warnings: warnings)
    }

    /// libsndfile where it can, ffmpeg for types that libsndfile does not know or is known to miss.
    private func decoder(
        of file: AudioFile, _ warnings: inout [String]
    ) throws(AudioError) -> any FrameSource {
        var head = try file.bytes(at: 0, count: 64)
        let tagLength = AudioContainer.tagLength(head)
        if tagLength > 0 { head = try file.bytes(at: tagLength, count: 64) }
        let container = AudioContainer(head: head, isTagged: tagLength > 0)
        let flac = container == .flac ? FLACStreamInfo(head) : nil
        switch container {
        case .ogg:
            let pages = try OggPages(checking: file)
            if pages.isCutShort { warnings.append("cut short: the Ogg stream has no end mark") }
            // libsndfile would decode the first stream of a chain and call that all.
            if pages.isChained { return try foreignDecoder(of: file, container) }
        case .wave:
            let header = try WAVEHeader(reading: file)
            if let shortfall = header.shortfall { warnings.append(shortfall) }
            if header.channelCount == 0 {
                throw AudioError(.audioDamaged, file.path, "the header says 0 channels")
            }
            if let rate = header.sampleRate, !limits.sampleRates.contains(rate) {
                throw sampleRateError(file.path, rate)
            }
            if header.isEmpty {
                throw AudioError(.audioEmpty, file.path, "the header is followed by no samples")
            }
        default: break
        }
        if let recognition = try AudioRecognition.recognise(file), recognition.format == .mpegAudio {
            guard let source = try MPEGDecoder(file, from: recognition.offset) else {
                throw AudioError(
                    .audioUnsupported, file.path, "no MPEG frame is found behind its tag")
            }
            return source
        }
        if let source = try SoundFile(file, container: container, flac: flac) {
            if source.declaredFrames != 0 { return source }
        } else if container == .flac {
            // ffmpeg would find frames further on and conceal what is wrong.
            throw AudioError(.audioDamaged, file.path, "the FLAC header cannot be read")
        }
        return try foreignDecoder(of: file, container)
    }

    private func foreignDecoder(
        of file: AudioFile, _ container: AudioContainer
    ) throws(AudioError) -> any FrameSource {
        guard let demuxer = container.demuxer else {
            throw AudioError(
                .audioUnsupported, file.path,
                "its first bytes are of no known audio type; convert it, or check the path")
        }
        return try FFmpegDecoder(
            file, demuxer: demuxer, strict: container == .flac || container == .ogg,
            executable: ffmpeg, limits: limits)
    }

    private func sampleRateError(_ path: String, _ rate: Int) -> AudioError {
        AudioError(
            .audioSampleRate, path,
            "\(rate) Hz, accepted are \(limits.sampleRates.lowerBound) to "
                + "\(limits.sampleRates.upperBound) Hz")
    }
}
