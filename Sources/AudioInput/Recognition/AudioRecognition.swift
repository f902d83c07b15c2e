/// What a file is, by its content; names and extensions are never asked.
package struct AudioRecognition: Hashable, Sendable {
    package let format: AudioFormat
    /// Where the recording begins: behind tags, zero bytes, or junk before the first frame.
    package let offset: Int

    /// The name that people are shown.
    package var formatName: String { format.rawValue }
    /// Who decodes it, as far as the type alone tells; ``AudioFormat/decoding`` says why.
    package var decoder: AudioDecoder { format.decoding.first }

    init(_ format: AudioFormat, at offset: Int) {
        self.format = format
        self.offset = offset
    }

    /// Bytes that are searched for the first frame of a stream without a mark.
    private static let searchBytes = 1 << 18
    private static let headBytes = 64
    /// Tags in a row; more are no recording.
    private static let tagsMax = 64

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
    package static func recognise(_ file: AudioFile) throws(AudioError) -> AudioRecognition? {
        var offset = 0
        var head = try file.bytes(at: 0, count: headBytes)
        for _ in 0..<tagsMax {
            let length = MPEGTags.length(head)
            guard length > 0, offset + length < file.byteCount else { break }
            offset += length
            head = try file.bytes(at: offset, count: headBytes)
        }
        if let format = AudioSignature.format(of: head) { return .init(format, at: offset) }
        let start = offset
        if head.first == 0 {
            guard let sound = try file.firstNonZero(from: offset) else { return nil }
            offset = sound
        }
        let bytes = try file.bytes(at: offset, count: searchBytes)
        if let found = StreamSync.find(
            in: bytes, isWhole: offset + bytes.count == file.byteCount)
        {
            return .init(found.format, at: offset + found.offset)
        }
        // A tag is of MPEG audio, though no frame of it is found.
        if start > 0 { return .init(.mpegAudio, at: start) }
        // What remains are types without a mark, which libsndfile knows by their structure.
        return try SoundFile.probe(file).map { .init($0.format, at: 0) }
    }
}
