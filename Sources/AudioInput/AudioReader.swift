package import AudioDecoding
package import AudioFormats
package import SpeechTypes

/// Opens recordings of any supported type; one value serves all threads.
///
/// Spans of one recording share what is found out about it, and its decoder where it cannot seek, as
/// long as they are opened by one reader. That saves time and changes no sample.
package struct AudioReader: Sendable {
    let limits: AudioLimits
    let ffmpeg: String
    /// Samples a second of the model that the audio is for: 16,000 or 8,000.
    private let modelRate: Int
    private let decoders: SharedDecoders
    private let facts = FileFacts()
    private let decodedFrames = FrameCount()

    /// - Parameters:
    ///   - modelRate: 8,000 for a model of that rate: every second sample is what resampling to 8 kHz gives then.
    ///   - ffmpeg: the program for types that libsndfile does not know, found along PATH.
    package init(
        limits: AudioLimits = AudioLimits(), modelRate: Int = FrameClock.sampleRate,
        ffmpeg: String = "ffmpeg"
    ) {
        precondition(
            FrameClock.sampleRate == modelRate || FrameClock.sampleRate == 2 * modelRate,
            "models are for 16 or 8 kHz")
        self.modelRate = modelRate
        self.limits = limits
        self.ffmpeg = ffmpeg
        decoders = SharedDecoders(stallSeconds: limits.sharedDecoderStallSeconds)
    }

    /// Frames of all channels that decoders have given so far, asked for or passed over.
    package var decodedFrameCount: Int { decodedFrames.value }

    /// Opens a span and moves to its start; the samples come from the stream.
    ///
    /// Blocks while it reads. The type is judged by content, never by name.
    ///
    /// - Parameters:
    ///   - progress: is told of everything that is read or decoded, also by the stream.
    ///   - wait: is given what waits for the span of another thread, which goes on meanwhile.
    /// - Throws: what is known to be wrong before the samples are read.
    package func open(
        _ span: AudioSource, channels policy: ChannelPolicy, progress: EngineProgress? = nil,
        waiting wait: (() -> Void) -> Void = { $0() }
    ) throws(AudioError) -> AudioStream {
        try open(
            span, of: try AudioFile(opening: span.path, progress: progress), channels: policy,
            progress: progress, waiting: wait)
    }

    /// The same of a file that is open already, because its name is not text or was judged first.
    package func open(
        _ span: AudioSource, of file: AudioFile, channels policy: ChannelPolicy,
        progress: EngineProgress? = nil, waiting wait: (() -> Void) -> Void = { $0() }
    ) throws(AudioError) -> AudioStream {
        guard file.byteCount > 0 else {
            throw AudioError(.audioEmpty, span.path, "the file has no bytes")
        }
        let opened = try open(file, for: span, waiting: wait)
        return try stream(of: opened, span, channels: policy, progress: progress)
    }

    /// Holds what was opened against the limits and moves to the start of the span.
    func stream(
        of opened: OpenedRecording, _ span: AudioSource, channels policy: ChannelPolicy,
        progress: EngineProgress? = nil
    ) throws(AudioError) -> AudioStream {
        var source = opened.source
        if let progress { source = CountedSource(source) { _ in progress.step() } }
        guard limits.sampleRates.contains(source.sampleRate) else {
            throw limits.sampleRateError(span.path, source.sampleRate)
        }
        let policy = policy.resolved(channel: span.channel, channelCount: source.channelCount)
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
            findings: opened.findings, modelRate: modelRate)
    }

    /// A decoder for a span: of its own, or a shared one if the span begins inside a recording that
    /// cannot seek.
    private func open(
        _ file: AudioFile, for span: AudioSource, waiting wait: (() -> Void) -> Void
    ) throws(AudioError) -> OpenedRecording {
        let offset = span.offsetSeconds
        guard offset > 0, offset <= SpanReader.secondsMax,
            let lease = decoders.lease(file.identity, offsetSeconds: offset, waiting: wait)
        else { return try open(file, fromStart: offset == 0) }
        do throws(AudioError) {
            if let decoder = lease.decoder {
                let start = try SpanReader.frames(offset, decoder.source.sampleRate, span.path)
                if decoder.reaches(start) { return Self.shared(decoder, lease) }
                lease.decoder = nil
            }
            let opened = try lease.decode { () throws(AudioError) in
                try open(file, fromStart: false)
            }
            if opened.source.isSeekable {
                lease.giveBack(seeks: true)
                return opened
            }
            let decoder = SharedDecoder(opened)
            lease.decoder = decoder
            return Self.shared(decoder, lease)
        } catch {
            lease.giveBack()
            throw error
        }
    }

    private static func shared(
        _ decoder: SharedDecoder, _ lease: DecoderLease
    ) -> OpenedRecording {
        OpenedRecording(LeasedSource(decoder, of: lease), decoder.findings)
    }

    private func open(
        _ file: AudioFile, fromStart: Bool
    ) throws(AudioError) -> OpenedRecording {
        let opened = try RecordingOpener(limits: limits, ffmpeg: ffmpeg, facts: facts).open(
            file, fromStart: fromStart)
        let count = decodedFrames
        return OpenedRecording(
            CountedSource(opened.source) { count.add($0) }, opened.findings)
    }
}
