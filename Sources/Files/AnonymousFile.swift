internal import Glibc
internal import SystemErrors

/// A file without a name: it is gone with its last descriptor.
package enum AnonymousFile {
    /// Opens an empty one for reading and writing; the caller closes it.
    ///
    /// - Parameter folder: `TMPDIR`, or else `/tmp`, unless given.
    /// - Throws: if the folder takes no file.
    package static func open(in folder: String? = nil) throws(FileError) -> Int32 {
        let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let path = AtomicFile.uniquePartPath(
            of: (folder ?? (temporary.isEmpty ? "/tmp" : temporary)) + "/scriptorium")
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path, "make a temporary file") }
        unlink(path)
        return descriptor
    }
}
