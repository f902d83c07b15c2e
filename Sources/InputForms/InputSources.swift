package import ArchivedAudio
internal import AudioFormats
package import RemoteAudio
internal import SpeechTypes
internal import Threading

/// Where inputs come from that are no plain files: archives, web servers and object stores.
package struct InputSources: Sendable {
    /// What is known of archives, which may be kept beside the job.
    package let shelf: ArchiveShelf
    /// Fetches and lists what may be; nil where nothing is.
    package let remote: RemoteSources?
    /// Opens an archive by its absolute path or its address.
    let open: ArchiveOpening
    /// Told of each object that became a row.
    let listed: ListedObjects?

    package init(
        shelf: ArchiveShelf, remote: RemoteSources? = nil, listed: ListedObjects? = nil,
        open: @escaping ArchiveOpening
    ) {
        self.listed = listed
        self.shelf = shelf
        self.remote = remote
        self.open = open
    }

    /// Where the members of a tar archive stand.
    func index(of archive: PathBytes) throws(AudioError) -> TarIndex {
        try shelf.index(of: try open(archive))
    }
}

/// How many objects were listed, and what they have together where the list says so.
package final class ListedObjects: Sendable {
    private let counts = Guarded((count: 0, bytes: 0))

    package init() {}

    func add(byteCount: Int?) {
        guard let byteCount else { return }
        counts.withLock { counts in
            counts.count += 1
            counts.bytes += byteCount
        }
    }

    package var total: (count: Int, bytes: Int) { counts.withLock { $0 } }
}
