package import ArchivedAudio
internal import AudioFormats
package import RemoteAudio
internal import SpeechTypes

/// Where inputs come from that are no plain files: archives, web servers and object stores.
package struct InputSources: Sendable {
    /// What is known of archives, which may be kept beside the job.
    package let shelf: ArchiveShelf
    /// Fetches and lists what may be; nil where nothing is.
    package let remote: RemoteSources?
    /// Opens an archive by its absolute path or its address.
    let open: ArchiveOpening

    package init(
        shelf: ArchiveShelf, remote: RemoteSources? = nil, open: @escaping ArchiveOpening
    ) {
        self.shelf = shelf
        self.remote = remote
        self.open = open
    }

    /// Where the members of a tar archive stand.
    func index(of archive: PathBytes) throws(AudioError) -> TarIndex {
        try shelf.index(of: try open(archive))
    }
}
