internal import Files
internal import Glibc
internal import SpeechTypes
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
            return { Self.remove(folder) }
        })
        guard let cleanup else { throw FileError(base, "make a temporary folder") }
        self.cleanup = cleanup
        path = made
    }

    deinit { Self.remove(path) }

    /// Removes a folder of this process with what is in it, links for themselves.
    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    PathBytes(bytes: bytes.prefix { $0 != 0 })
                }
                if name == "." || name == ".." { continue }
                let child = PathBytes(path).joined(name)
                if child.withCString(unlink) != 0 { remove(child.text) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
