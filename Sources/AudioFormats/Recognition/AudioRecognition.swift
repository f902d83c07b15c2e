/// What a file is, by its content; names and extensions are never asked.
package struct AudioRecognition: Hashable, Sendable {
    package let format: AudioFormat
    /// Where the recording begins: behind tags, zero bytes, or junk before the first frame.
    package let offset: Int

    /// The name that people are shown.
    package var formatName: String { format.rawValue }
    /// Who decodes it, as far as the type alone tells; ``AudioFormat/decoding`` says why.
    package var decoder: AudioDecoder { format.decoding.first }

    package init(_ format: AudioFormat, at offset: Int) {
        self.format = format
        self.offset = offset
    }

    /// Bytes that are searched for the first frame of a stream without a mark.
    private static let searchBytes = 1 << 18
    private static let headBytes = 64
    /// Tags in a row; more are no recording.
    private static let tagsMax = 64

    /// What a search for marks and frames came to.
    package enum Search: Hashable, Sendable {
        case found(AudioRecognition)
        /// Neither a mark nor frames that follow one another: the structure may still tell.
        case noMark
        /// Behind tags, if there are any, all bytes are zero.
        case onlyZeros
    }

    /// Looks for a mark at the start of `file`, and for frames that follow one another.
    ///
    /// Reads a bounded part of the file and decodes nothing. Types that are known to be refused
    /// (``AudioDecoder/nobody``) are named, too.
    ///
    /// - Throws: `quarantinedSource` if a read fails.
    package static func searchMarks(of file: AudioFile) throws(AudioError) -> Search {
        var offset = 0
        var head = try file.bytes(at: 0, count: headBytes)
        for _ in 0..<tagsMax {
            let length = MPEGTags.length(head)
            guard length > 0, offset + length < file.byteCount else { break }
            offset += length
            head = try file.bytes(at: offset, count: headBytes)
        }
        if let format = AudioSignature.format(of: head) {
            return .found(.init(format, at: offset))
        }
        let start = offset
        if head.first == 0 {
            guard let sound = try file.firstNonZero(from: offset) else { return .onlyZeros }
            offset = sound
        }
        let bytes = try file.bytes(at: offset, count: searchBytes)
        if let found = StreamSync.find(
            in: bytes, isWhole: offset + bytes.count == file.byteCount)
        {
            return .found(.init(found.format, at: offset + found.offset))
        }
        // A tag is of MPEG audio, though no frame of it is found.
        if start > 0 { return .found(.init(.mpegAudio, at: start)) }
        return .noMark
    }
}
