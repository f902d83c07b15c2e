internal import Glibc

/// Paths as text; nothing is resolved beyond what is said.
package enum FilePath {
    /// The path from the root on, links and `..` left alone.
    package static func absolute(_ path: String) throws(ManifestError) -> String {
        if path.hasPrefix("/") { return path }
        guard let buffer = getcwd(nil, 0) else {
            throw .system(.unreadable, path, "finding the working folder")
        }
        defer { free(buffer) }
        return joined(String(cString: buffer), path)
    }

    /// Everything before the last slash; `.` if there is none.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// `path` if it is absolute, otherwise `path` below `folder`.
    package static func joined(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty { return path }
        if path.isEmpty || path == "." { return folder }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// What follows the last dot of the name, in lower case; empty if there is none.
    static func fileExtension(_ path: String) -> String {
        let name = path[
            (path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// What kind of file stands at `path`, links followed; nil if there is none.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}

extension stat {
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}
