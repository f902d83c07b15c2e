internal import Files
internal import Glibc
internal import Threading

/// A folder for what is made on the way to something else: gone, with all that is in it, when nobody holds it.
final class ScratchFolder: Sendable {
    let path: String
    private let cleanup: ExitCleanup

    /// Makes one in `TMPDIR`, or else in `/tmp`.
    ///
    /// - Throws: if none can be made there.
    init() throws(FileError) {
        let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let base = temporary.isEmpty ? "/tmp" : temporary
        var template = Array("\(base)/scriptorium-XXXXXX".utf8CString)
        var made = ""
        let cleanup = ExitCleanup(beginning: {
            guard mkdtemp(&template) != nil else { return nil }
            let folder = String(
                decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            made = folder
            return { FolderRemoval.remove(folder) }
        })
        guard let cleanup else { throw FileError(base, "make a temporary folder") }
        self.cleanup = cleanup
        path = made
    }

    deinit { FolderRemoval.remove(path) }
}
