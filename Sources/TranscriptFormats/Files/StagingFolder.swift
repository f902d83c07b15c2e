internal import Files
internal import Glibc
internal import SpeechTypes
internal import Threading
internal import TranscriptRows

/// A folder that is filled aside and put in its place at the end; dropped before, it is removed.
final class StagingFolder {
    /// Where it is filled.
    let path: String
    /// Where it will stand, from the root on.
    let absolutePath: String
    private let finalPath: String
    private let cleanup: ExitCleanup
    private var isCommitted = false

    /// - Throws: `exists` if the place is taken, or `storage`.
    init(for place: String) throws(ExportError) {
        var finalPath = place
        while finalPath.count > 1, finalPath.hasSuffix("/") { finalPath.removeLast() }
        self.finalPath = finalPath
        path = finalPath + ".part"
        let parent = PathBytes(finalPath).folder
        try OutputFile.makeFolder(parent.text)
        absolutePath =
            (parent.resolved ?? parent).joined(
                PathBytes(bytes: PathBytes(finalPath).name)
            ).text
        guard !OutputFile.exists(finalPath) || rmdir(finalPath) == 0 else {
            throw ExportError(
                .exists, "\(finalPath) is there already and not empty; choose another folder")
        }
        let path = path
        let begun = ExitCleanup(beginning: {
            guard mkdir(path, 0o777) == 0 else { return nil }
            return { FolderRemoval.remove(path) }
        })
        guard let begun else {
            if errno == EEXIST {
                throw ExportError(
                    .exists,
                    "\(path) is there: an export that was ended left it, or one is running; remove "
                        + "it if none is")
            }
            throw ExportError(.storage, FileError(path, "make the folder"))
        }
        cleanup = begun
    }

    deinit { if !isCommitted { FolderRemoval.remove(path) } }

    /// - Throws: `storage` if the folder cannot be put in its place.
    func commit() throws(ExportError) {
        sync()
        try cleanup.cancel { () throws(ExportError) in
            guard rename(path, finalPath) == 0 else {
                throw ExportError(.storage, FileError(finalPath, "put the folder in its place"))
            }
        }
        isCommitted = true
    }
}
