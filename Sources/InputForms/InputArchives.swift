package import ArchivedAudio
internal import AudioFormats
internal import SpeechTypes

/// The archives that inputs are, or name.
package struct InputArchives: Sendable {
    /// What is known of archives, which may be kept beside the job.
    package let shelf: ArchiveShelf
    /// Opens one by its absolute path or its address.
    let open: ArchiveOpening

    package init(shelf: ArchiveShelf, open: @escaping ArchiveOpening) {
        self.shelf = shelf
        self.open = open
    }

    /// Where the members of a tar archive stand.
    func index(of archive: PathBytes) throws(AudioError) -> TarIndex {
        try shelf.index(of: try open(archive))
    }
}
