internal import Glibc

/// What a path leads to.
package enum FileKind: Sendable {
    case missing
    case folder
    case file

    /// What `path` leads to, links followed.
    package static func of(_ path: String) -> FileKind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }
}
