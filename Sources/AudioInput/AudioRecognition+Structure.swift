internal import AudioDecoding
package import AudioFormats

extension AudioRecognition {
    /// Says what the file at `path` is; nil if no decoder knows it.
    ///
    /// Reads a bounded part of the file and decodes nothing. Types that are known to be refused
    /// (``AudioDecoder/nobody``) are named, too.
    ///
    /// - Throws: if it is no regular file that can be read.
    package static func recognise(path: String) throws(AudioError) -> AudioRecognition? {
        try recognise(try AudioFile(opening: path))
    }

    /// The same of a file that is open already.
    ///
    /// - Throws: `quarantinedSource` if a read fails.
    package static func recognise(_ file: AudioFile) throws(AudioError) -> AudioRecognition? {
        switch try searchMarks(of: file) {
        case .found(let recognition): return recognition
        case .onlyZeros: return nil
        case .noMark:
            // What remains are types without a mark, which libsndfile knows by their structure.
            return try SoundFile.probe(file).map { AudioRecognition($0.format, at: 0) }
        }
    }
}
