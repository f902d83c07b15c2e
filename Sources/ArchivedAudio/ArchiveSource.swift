package import AudioFormats
package import SpeechTypes

/// An archive that can be read at any place.
package protocol ArchiveSource {
    /// What messages call it.
    var name: String { get }

    /// Tells the archive, as it is now, from all others.
    func version() throws(AudioError) -> String

    func byteCount() throws(AudioError) -> Int

    /// The bytes from `offset` on, as many as there are up to `count`.
    func bytes(at offset: Int, count: Int) throws(AudioError) -> [UInt8]

    /// A part of it as a file of its own.
    ///
    /// - Parameters:
    ///   - name: what messages call it.
    ///   - asKnown: the archive has to be the one whose ``version()`` was told.
    /// - Throws: `audio.damaged` if the archive ends before, or why it cannot be read.
    func part(
        _ range: Range<Int>, named name: String, asKnown: Bool
    ) throws(AudioError) -> AudioFile
}

/// Opens an archive by its path or its address.
package typealias ArchiveOpening =
    @Sendable (PathBytes) throws(AudioError) -> any ArchiveSource

/// An archive in a file.
package struct ArchiveFile: ArchiveSource {
    private let file: AudioFile

    package init(_ file: AudioFile) { self.file = file }

    package var name: String { file.path }

    package func version() -> String { file.identity.text }

    package func byteCount() -> Int { file.byteCount }

    package func bytes(at offset: Int, count: Int) throws(AudioError) -> [UInt8] {
        try file.bytes(at: offset, count: count)
    }

    /// An open file stays what it is.
    package func part(
        _ range: Range<Int>, named name: String, asKnown: Bool
    ) throws(AudioError) -> AudioFile {
        guard range.lowerBound >= 0, range.upperBound <= file.byteCount else {
            throw .cut(name, file.path, file.byteCount)
        }
        return try AudioFile(range, of: file, path: name)
    }
}

extension AudioError {
    /// A member whose archive ends before it.
    package static func cut(_ member: String, _ archive: String, _ byteCount: Int) -> AudioError {
        AudioError(
            .audioDamaged, member,
            "\(archive) ends after \(byteCount) bytes, before the member does; fetch or write it again"
        )
    }

    /// An archive that cannot be read any further.
    static func damaged(_ archive: String, at offset: Int, _ finding: String) -> AudioError {
        AudioError(
            .audioDamaged, archive,
            "\(archive) is damaged at byte \(offset): \(finding); fetch or write it again")
    }
}
