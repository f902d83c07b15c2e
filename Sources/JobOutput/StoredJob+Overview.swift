package import JobJournal
internal import JobState
package import Manifests
package import Processes
internal import Threading

extension StoredJob {
    /// What people look at first.
    package func overview(
        failuresMax: Int, transcriptsMax: Int, recordBytesMax: Int, eventsMax: Int
    ) throws(RuntimeError) -> JournalOverview {
        try look { journal throws(JournalError) in
            try journal.overview(
                failuresMax: failuresMax, transcriptsMax: transcriptsMax,
                recordBytesMax: recordBytesMax, eventsMax: eventsMax)
        }
    }

    /// The rows that the journal was made for, to be read after the job is let go of; nil where the input is not what
    /// it was, or not there.
    ///
    /// Where the index of the rows is gone, they are not known.
    package func rows() throws(RuntimeError) -> IndexedManifest? {
        let header = try look { journal throws(JournalError) in journal.header }
        guard let manifest = StoredManifest(header), manifest.part == nil,
            let index = try? RowIndex(path: folder.indexPath),
            index.manifestDigest == manifest.digest
        else { return nil }
        let path = manifest.place.path.isEmpty ? folder.rowsPath : manifest.place.path
        // Of an input that has changed an index is built, for this process alone.
        folder.dropNextRows()
        defer {
            folder.dropNextRows()
            WorkMeter.shared.end()
        }
        let rows = try? IndexedManifest(
            path: path, index: folder.indexPath, buildingAt: folder.nextIndexPath,
            folder: manifest.place.folder)
        return rows?.digest == manifest.digest ? rows : nil
    }
}
