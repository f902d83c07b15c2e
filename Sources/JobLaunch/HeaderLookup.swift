internal import AudioFormats
internal import AudioInput
internal import Manifests
internal import SpeechTypes

extension LengthLookup {
    /// Looks at the headers of the files that this machine can see.
    ///
    /// - Parameter channels: whether every channel is computed, which multiplies the work.
    static func headers(channels: ChannelPolicy) -> LengthLookup {
        let reader = AudioReader()
        return LengthLookup(isEachChannel: channels == .each) { path in
            // What cannot be read or understood is planned by its size, and judged by its worker.
            guard let header = try? reader.header(of: path), let seconds = header.likelySeconds
            else { return nil }
            return RecordingLength(seconds: seconds, channels: header.channelCount ?? 1)
        }
    }
}
