internal import AudioFolders
internal import Files
internal import Glibc
internal import InputForms
internal import Manifests
package import Processes
package import SpeechTypes
internal import Threading

/// `OUT.jsonl.job/`: everything a job keeps beside its output, held by one process at a time.
///
/// It stays after the end: running the same command again writes a missing output from it.
package final class JobFolder: Sendable {
    /// Absolute path of the folder; as it was named, where the absolute one is not UTF-8.
    package let path: String
    /// Where the folder is, whatever its name.
    package let resolvedPath: PathBytes
    /// Removed with all that is in it when the job ends: nothing will be resumed.
    private let isTemporary: Bool
    private let lock: FileLock
    /// Of a temporary folder.
    private let cleanup: ExitCleanup?

    package var journalPath: String { "\(path)/journal.sqlite" }
    /// The mapped index of rows.
    package var indexPath: String { "\(path)/index" }
    /// The same of a part of the manifest: another part's is no use.
    package var partIndexPath: String { "\(path)/part-index" }
    /// The canonical rows, where the input was not JSON Lines already.
    package var rowsPath: String { "\(path)/input.jsonl" }

    /// Pairs of rows with the same audio.
    package var duplicatesPath: String { "\(path)/twins" }

    /// By which rule the folders of the input became rows.
    private var listRulePath: String { "\(path)/input.rule" }
    private var nextListRulePath: String { "\(path)/input.next.rule" }

    /// Rows, index and pairs of an input that the journal is not of yet.
    package var nextRowsPath: String { "\(path)/input.next.jsonl" }
    var nextIndexPath: String { "\(path)/index.next" }
    var nextDuplicatesPath: String { "\(path)/twins.next" }

    /// Where a journal that shall take the place of the present one is built.
    package var unfinishedJournalPath: String { "\(path)/journal.building.sqlite" }
    private var nextJournalPath: String { "\(path)/journal.next.sqlite" }

    /// What SQLite keeps beside a journal, and the journal.
    ///
    /// In the order in which they are moved: a log must not be left to another journal.
    private static let suffixes = ["-wal", "-journal", "-shm", ""]

    /// The folder of the job that writes `output`; made if it is not there.
    ///
    /// - Parameter overwrite: whatever is there may be replaced.
    /// - Throws: `storage` or `usage`; `superseded` if another process works on the job.
    package init(forOutput output: String, overwrite: Bool = false) throws(RuntimeError) {
        let folder = output + ".job"
        var status = stat()
        let exists = lstat(folder, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFDIR {
            throw RuntimeError(
                .usage, "\(folder) is not a folder; remove it or choose another output name")
        }
        if !exists {
            if access(output, F_OK) == 0, !overwrite {
                throw RuntimeError(
                    .usage,
                    "\(output) exists and no job folder tells where it came from; "
                        + "choose another name or give --overwrite")
            }
            guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
                throw .storage(folder, "make the folder")
            }
        }
        (path, resolvedPath, lock) = try Self.lock(folder)
        isTemporary = false
        cleanup = nil
        try finishReplacement()
    }

    /// The folder of a job that was begun.
    ///
    /// - Parameter target: the job's output, or the folder itself.
    /// - Throws: `superseded` if a coordinator works on the job.
    package init(existing target: String) throws(RuntimeError) {
        let folders = [target + ".job", target]
        guard
            let folder = folders.first(where: {
                access("\($0)/journal.sqlite", F_OK) == 0
                    || access("\($0)/journal.next.sqlite", F_OK) == 0
            })
        else {
            throw RuntimeError(
                .usage, "\(target) is neither the output of a job nor a job's folder")
        }
        (path, resolvedPath, lock) = try Self.lock(folder)
        isTemporary = false
        cleanup = nil
        try finishReplacement()
    }

    // MARK: One journal for another

    /// Puts the journal that was built into the place of the present one, which is kept aside.
    ///
    /// The rename that makes it the next one decides: what is cut short after it is finished by
    /// whoever opens the folder.
    ///
    /// - Returns: where the present one is from now on.
    package func installJournal() throws(RuntimeError) -> String {
        let aside = setAsidePath()
        try rename(unfinishedJournalPath, to: nextJournalPath)
        try finishReplacement()
        return aside
    }

    /// Keeps the journal under another name; the job begins again.
    ///
    /// - Returns: the name.
    package func setJournalAside() throws(RuntimeError) -> String {
        let aside = setAsidePath()
        for suffix in Self.suffixes { try rename(journalPath + suffix, to: aside + suffix) }
        return aside
    }

    private func finishReplacement() throws(RuntimeError) {
        for suffix in Self.suffixes { unlink(unfinishedJournalPath + suffix) }
        guard access(nextJournalPath, F_OK) == 0 else { return }
        _ = try setJournalAside()
        try rename(nextJournalPath, to: journalPath)
    }

    /// The first free name; the same as before while only the log has been moved.
    private func setAsidePath() -> String {
        var number = 1
        while access("\(path)/journal.old-\(number).sqlite", F_OK) == 0 { number += 1 }
        return "\(path)/journal.old-\(number).sqlite"
    }

    /// Where the index of a part lies, or of all rows.
    func indexPath(of part: JobPart?) -> String { part == nil ? indexPath : partIndexPath }

    /// The rule by which folders became the rows that the folder holds; nil if it holds none.
    ///
    /// Earlier versions wrote no rule, and went by names.
    var listRule: FolderOptions.Rule? {
        guard access(rowsPath, F_OK) == 0, access(journalPath, F_OK) == 0 else { return nil }
        guard let file = try? OpenFile(listRulePath) else { return .earlierNames }
        let bytes = (try? file.contents(bytesMax: 64)) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        return FolderOptions.Rule(rawValue: text) ?? .content
    }

    /// Notes the rule of the rows that are written aside.
    func writeNextListRule(_ rule: FolderOptions.Rule) throws(FileError) {
        try AtomicFile.write(rule.rawValue.utf8, to: nextListRulePath)
    }

    /// What was written for an input, or a part of it, takes the place of what was there.
    func adoptRows(of part: JobPart?) throws(RuntimeError) {
        // The rule first: rows without one are those of an earlier version.
        try rename(nextListRulePath, to: listRulePath)
        try rename(nextRowsPath, to: rowsPath)
        try rename(nextIndexPath, to: indexPath(of: part))
        try rename(nextDuplicatesPath, to: duplicatesPath)
    }

    /// Removes rows, index and pairs that an earlier command wrote for an input and no journal was made of.
    func dropNextRows() {
        for file in [nextRowsPath, nextListRulePath, nextIndexPath, nextDuplicatesPath] {
            unlink(file)
        }
    }

    /// Renames a file, durably; one that is not there is no error.
    private func rename(_ file: String, to other: String) throws(RuntimeError) {
        guard Glibc.rename(file, other) == 0 || errno == ENOENT else {
            throw .storage(file, "rename the file")
        }
        try mapError({ RuntimeError($0) }) { () throws(FileError) in try lock.syncFolder() }
    }

    // MARK: Beginning again

    /// Forgets all that was done, so that the job begins again.
    package func clear() throws(RuntimeError) {
        for suffix in Self.suffixes {
            guard unlink(journalPath + suffix) == 0 || errno == ENOENT else {
                throw .storage(journalPath + suffix, "remove the file")
            }
        }
    }

    /// A folder for a job whose records go to a stream: gone when the job ends.
    package init() throws(RuntimeError) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/scriptorium-XXXXXX".utf8CString)
        var folder = ""
        let cleanup = ExitCleanup(beginning: {
            guard mkdtemp(&template) != nil else { return nil }
            let made = String(
                decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            folder = made
            return { Self.removeTemporary(made) }
        })
        guard let cleanup else { throw .storage(base, "make a temporary folder") }
        self.cleanup = cleanup
        (path, resolvedPath, lock) = try Self.lock(folder)
        isTemporary = true
    }

    /// Removes a temporary folder with all that this program puts there.
    private static func removeTemporary(_ folder: String) {
        let files =
            suffixes.map { "journal.sqlite\($0)" }
            + ["index", "part-index", "input.jsonl", "input.rule", "twins", "input.next.jsonl"]
            + ["input.next.rule", "index.next", "twins.next"]
        for file in files { unlink("\(folder)/\(file)") }
        rmdir(folder)
    }

    deinit {
        if isTemporary { Self.removeTemporary(path) }
    }

    /// The path of a folder, absolute if that is text, held against other processes.
    private static func lock(_ folder: String) throws(RuntimeError) -> (String, PathBytes, FileLock)
    {
        guard let resolved = PathBytes(folder).resolved else {
            throw .storage(folder, "find the folder")
        }
        let path = resolved.isText ? resolved.text : folder
        let lock = try mapError({ RuntimeError($0) }) { () throws(FileError) in
            try FileLock.ifFree(folder: path)
        }
        guard let lock else {
            throw RuntimeError(
                .superseded,
                "another coordinator is working on this job (\(path)); wait for it or stop it first"
            )
        }
        return (path, resolved, lock)
    }
}
