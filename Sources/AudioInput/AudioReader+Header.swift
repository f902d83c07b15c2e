internal import AudioDecoding
package import AudioFormats
package import SpeechTypes

extension AudioReader {
    /// What the headers of the file at `path` say; nil if no decoder knows the file.
    ///
    /// Reads a bounded part of the file (at most a few hundred kilobytes, at its start and end)
    /// and decodes nothing; seconds of types whose headers are not read here stay nil.
    ///
    /// - Throws: if it is no regular file that can be read.
    package func header(of path: PathBytes) throws(AudioError) -> AudioHeader? {
        let file = try AudioFile(opening: path)
        guard let recognition = try AudioRecognition.recognise(file) else { return nil }
        return try Self.header(of: file, recognition)
    }

    /// The same by a path that is text.
    ///
    /// - Throws: likewise.
    package func header(of path: String) throws(AudioError) -> AudioHeader? {
        try header(of: PathBytes(path))
    }

    static func header(
        of file: AudioFile, _ recognition: AudioRecognition
    ) throws(AudioError) -> AudioHeader {
        if let header = try AudioHeader(of: file, recognition) { return header }
        guard recognition.decoder == .libsndfile, let probe = try SoundFile.probe(file) else {
            return AudioHeader()
        }
        return AudioHeader(
            sampleRate: probe.sampleRate, channelCount: probe.channelCount,
            statedSeconds: probe.frameCount.map { Double($0) / Double(probe.sampleRate) })
    }
}
