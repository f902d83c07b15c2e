package import Glibc
package import SpeechTypes

/// Paths of manifests and outputs, as text.
///
/// Nothing is resolved beyond what is said. Paths of audio are `PathBytes`.
package enum FilePath {
    /// The path from the root on, links and `..` left alone.
    package static func absolute(_ path: String) throws(ManifestError) -> String {
        try absolute(PathBytes(path)).text
    }

    /// The path from the root on, links and `..` left alone.
    package static func absolute(_ path: PathBytes) throws(ManifestError) -> PathBytes {
        if path.isAbsolute { return path }
        guard let buffer = getcwd(nil, 0) else {
            throw .system(.unreadable, path.text, "find the working folder")
        }
        defer { free(buffer) }
        return PathBytes(cString: buffer).joined(path)
    }

    /// Everything before the last slash; `.` if there is none.
    package static func folder(of path: String) -> String { PathBytes(path).folder.text }

    /// What kind of file stands at `path`, links followed; nil if there is none.
    package static func status(_ path: PathBytes) -> stat? {
        var status = stat()
        guard !path.bytes.contains(0) else { return nil }
        return path.withCString { stat($0, &status) } == 0 ? status : nil
    }

    /// What kind of file stands at `path`, a link for itself; nil if there is none.
    package static func ownStatus(_ path: PathBytes) -> stat? {
        var status = stat()
        return path.withCString { lstat($0, &status) } == 0 ? status : nil
    }
}

extension stat {
    package var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    package var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    package var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
