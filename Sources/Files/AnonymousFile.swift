internal import Glibc
internal import SystemErrors

/// A file without a name, in the folder for temporary files: it is gone with its last descriptor.
package enum AnonymousFile {
    /// Opens an empty one for reading and writing; the caller closes it.
    ///
    /// - Throws: if the folder (`TMPDIR`, or else `/tmp`) takes no file.
    package static func open() throws(FileError) -> Int32 {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let path = AtomicFile.uniquePartPath(
            of: (folder.isEmpty ? "/tmp" : folder) + "/scriptorium")
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path, "make a temporary file") }
        unlink(path)
        return descriptor
    }
}
