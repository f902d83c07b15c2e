package import AudioFormats
package import SpeechTypes

/// What a recording is and holds, found by decoding all of it.
package struct AudioInspection: Sendable {
    package let recognition: AudioRecognition
    /// Who decodes it: the table's second choice where the first could not.
    package let decoder: AudioDecoder
    package let header: AudioHeader
    /// Of the decoded samples, which headers may misstate.
    package let sampleRate: Int
    package let channelCount: Int
    package let summary: AudioSummary
    /// Seconds that the file states, as far as its headers or its decoder tell.
    package let statedSeconds: Double?

    /// Why that decoder: the table's reason for the type.
    package var reason: String { recognition.format.decoding.reason }
}

extension AudioReader {
    /// Decodes the whole file at `path`.
    ///
    /// - Parameter progress: told the seconds decoded so far, about once for each of audio's minutes.
    /// - Throws: as ``open(_:channels:)`` and reading do.
    package func inspect(
        _ name: PathBytes, progress: (Double) -> Void
    ) throws(AudioError) -> AudioInspection {
        let path = name.text
        let file = try AudioFile(opening: name)
        guard file.byteCount > 0 else {
            throw AudioError(.audioEmpty, path, "the file has no bytes")
        }
        let opened = try RecordingOpener(limits: limits, ffmpeg: ffmpeg).open(file, fromStart: true)
        guard let recognition = try AudioRecognition.recognise(file) else {
            throw AudioError(.audioUnsupported, path, "it changed while it was read")
        }
        let stream = try stream(of: opened, AudioSource(path: path), channels: .mix)
        var lanes: [[Float]] = [[]]
        var samples = 0
        var told = 0
        while case let count = try stream.read(1 << 16, into: &lanes), count > 0 {
            lanes[0].removeAll(keepingCapacity: true)
            samples += count
            if samples - told >= 60 * FrameClock.sampleRate {
                told = samples
                progress(Double(samples) / Double(FrameClock.sampleRate))
            }
        }
        guard let summary = stream.summary else {
            preconditionFailure("a stream that was read to its end has a summary")
        }
        let header = try Self.header(of: file, recognition)
        return AudioInspection(
            recognition: recognition, decoder: opened.decoder, header: header,
            sampleRate: stream.sourceSampleRate, channelCount: stream.sourceChannels,
            summary: summary, statedSeconds: stream.statedSeconds ?? header.statedSeconds)
    }
}
