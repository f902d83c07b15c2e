internal import Files
internal import Glibc
internal import SystemErrors

/// The few things done to files of the cache, each whole or not at all.
enum CacheFiles {
    /// Whether `path` leads to something, links followed.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Bytes of the file at `path`; nil if it is not there.
    static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Makes `path` and the folders above it.
    static func makeFolder(_ path: String) throws(HubError) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/\(part)"
            if mkdir(partial, 0o755) != 0, errno != EEXIST, !exists(partial) {
                throw failure("make the folder", partial)
            }
        }
    }

    /// The text of a file of at most 4 KiB, white space at its ends left out.
    static func smallText(_ path: String) -> String? {
        guard let bytes = try? OpenFile(path).bytes(at: 0, count: 4_096), !bytes.isEmpty,
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return text.split { $0.isWhitespace }.first.map { String($0) }
    }

    /// All bytes of a file, if they are at most `bytesMax`.
    static func bytes(_ path: String, bytesMax: Int) throws(HubError) -> [UInt8] {
        let contents = try mapError({ failure("read", path, $0.number) }) {
            () throws(FileError) in
            try OpenFile(path).contents(bytesMax: bytesMax)
        }
        guard let contents else {
            throw HubError(.unexpected, "\(path) has more than \(bytesMax) bytes")
        }
        return contents
    }

    /// Writes `text` to `path` by renaming.
    static func write(_ text: String, to path: String) throws(HubError) {
        try mapError({ failure("write", path, $0.number) }) { () throws(FileError) in
            let file = try AtomicFile(
                path, writtenTo: AtomicFile.uniquePartPath(of: path), permissions: 0o644,
                isDurable: false)
            try file.write(text.utf8)
            try file.commit()
        }
    }

    /// Makes `path` a link to `target`, in place of whatever is there.
    static func link(_ path: String, to target: String) throws(HubError) {
        try mapError({ failure("link", path, $0.number) }) { () throws(FileError) in
            try AtomicFile.link(path, to: target)
        }
    }

    static func move(_ path: String, to target: String) throws(HubError) {
        guard rename(path, target) == 0 else { throw failure("rename \(path) to", target) }
    }

    /// Bytes that may still be written in the file system of `folder`; nil if it does not say.
    static func available(in folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? nil : Int(clamping: bytes)
    }

    /// The error for a system call that just failed.
    static func failure(_ action: String, _ path: String, _ code: Int32 = errno) -> HubError {
        let remedy =
            switch code {
            case ENOSPC, EDQUOT: "free some space, or set HF_HOME to a folder on a larger disk"
            default: "set HF_HOME to a folder that can be written"
            }
        return HubError(
            .storage, "cannot \(action) \(path): \(SystemError.text(of: code)); \(remedy)")
    }
}
