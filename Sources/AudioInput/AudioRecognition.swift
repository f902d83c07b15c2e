internal import SpeechTypes

/// What a file is, by its content; names and extensions are never asked.
package struct AudioRecognition: Hashable, Sendable {
    /// The name that people are shown.
    package let formatName: String

    private static let headBytes = 64

    /// Says what an open file is; nil if no decoder knows it.
    ///
    /// - Throws: if it cannot be read.
    package static func recognise(_ file: AudioFile) throws(AudioError) -> AudioRecognition? {
        var head = try file.bytes(at: 0, count: headBytes)
        let tagLength = AudioContainer.tagLength(head)
        if tagLength > 0 { head = try file.bytes(at: tagLength, count: headBytes) }
        let container = AudioContainer(head: head, isTagged: tagLength > 0)
        if let demuxer = container.demuxer { return AudioRecognition(formatName: demuxer) }
        guard try SoundFile(file, container: container, flac: nil) != nil else { return nil }
        return AudioRecognition(formatName: "libsndfile")
    }
}
