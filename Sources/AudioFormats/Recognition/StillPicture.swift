internal import SpeechTypes

/// Pictures whose container is one of recordings, too.
package enum StillPicture {
    /// Brands of HEIF and AVIF, and of Canon's raw pictures.
    ///
    /// ISO/IEC 23008-12, and the list of the MP4 registration authority. A sequence of pictures may come with sound, and is none of them.
    private static let brands: Set = [
        "heic", "heix", "heim", "heis", "mif1", "mif2", "avif", "crx ", "jpeg", "j2ki",
    ]

    /// Whether a file's first bytes are those of a picture.
    package static func isOne(_ file: AudioFile) throws(AudioError) -> Bool {
        let head = try file.bytes(at: 4, count: 8)
        return head.starts(with: "ftyp".utf8)
            && brands.contains(String(decoding: head.dropFirst(4), as: UTF8.self))
    }
}
