package import SpeechTypes

/// Opens recordings of any supported type; one value serves all threads.
package struct AudioReader: Sendable {
    let limits: AudioLimits
    let ffmpeg: String

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
        let opened = try RecordingOpener(limits: limits, ffmpeg: ffmpeg).open(
            file, fromStart: span.offsetSeconds == 0)
        return try stream(of: opened, span, channels: policy, progress: progress)
    }

    /// Holds what was opened against the limits and moves to the start of the span.
    func stream(
        of opened: OpenedRecording, _ span: AudioSource, channels policy: ChannelPolicy,
        progress: EngineProgress? = nil
    ) throws(AudioError) -> AudioStream {
        var source = opened.source
        if let progress { source = CountedFrames(source, progress: progress) }
        guard limits.sampleRates.contains(source.sampleRate) else {
            throw limits.sampleRateError(span.path, source.sampleRate)
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
            source, reader: reader, mixer: mixer, path: span.path,
            findings: opened.findings)
    }
}
