internal import Digests
internal import Glibc
internal import JobOutput
package import Processes
package import SpeechTypes
internal import SystemErrors

/// The user's own folder for sockets and slot locks: nobody else may look inside.
package enum RuntimeFolder {
    /// The folder's path; made on first use, mode 0700.
    ///
    /// - Throws: if it exists and belongs to, or is open to, somebody else.
    package static func path() throws(RuntimeError) -> String {
        let base: String
        if let set = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), set.hasPrefix("/") {
            base = "\(set)/scriptorium"
        } else {
            base = "/tmp/scriptorium-\(geteuid())"
        }
        if mkdir(base, 0o700) != 0, errno != EEXIST {
            throw RuntimeError(
                .system, "\(base): \(SystemError.text(of: errno)); set XDG_RUNTIME_DIR")
        }
        var status = stat()
        guard lstat(base, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
            status.st_uid == geteuid(), status.st_mode & 0o077 == 0
        else {
            throw RuntimeError(
                .system,
                "\(base) must be a folder of yours with mode 0700; remove it or set XDG_RUNTIME_DIR"
            )
        }
        return base
    }

    /// Where the coordinator of a job listens: the same path each time, so that `status` finds it.
    ///
    /// - Parameter jobFolder: absolute path of the job's folder.
    package static func endpoint(
        ofJobFolder jobFolder: PathBytes
    ) throws(RuntimeError) -> String {
        let name = SHA256Hasher.digest(of: jobFolder.bytes).short.hex
        let path = try "\(path())/\(name).sock"
        guard path.utf8.count <= 107 else {
            throw RuntimeError(
                .system, "\(path) is too long for a socket (107 bytes); set XDG_RUNTIME_DIR")
        }
        return "ipc://\(path)"
    }
}

extension JobFolder {
    /// Where the coordinator that writes `output` listens, if one does.
    package static func endpoint(ofOutput output: String) throws(RuntimeError) -> String {
        guard let resolved = PathBytes(output + ".job").resolved else {
            throw RuntimeError(
                .usage, "\(output) has no job folder here; name the coordinator with --connect")
        }
        return try RuntimeFolder.endpoint(ofJobFolder: resolved)
    }
}
