internal import Glibc

/// The recordings below a folder, in the order of their paths' bytes.
struct AudioFolder {
    /// Extensions that are taken for audio when nobody has named the file, in lower case.
    static let extensions: Set = [
        "3gp", "aac", "aif", "aifc", "aiff", "amr", "ape", "au", "avi", "caf", "flac", "flv", "m4a",
        "m4b", "mka", "mkv", "mov", "mp3", "mp4", "mpc", "nist", "oga", "ogg", "opus", "rf64",
        "snd",
        "sph", "tta", "w64", "wav", "wave", "webm", "wma", "wv",
    ]

    /// Files and folders that are left out wherever they lie: what is being written.
    private let excluded: Set<FileIdentity>
    private let root: String
    private let resolvedRoot: String

    /// - Parameter excluding: paths that are left out, if they exist.
    init(_ root: String, excluding: [String]) throws(ManifestError) {
        self.root = root
        excluded = Set(excluding.compactMap { FilePath.status($0).map(FileIdentity.init) })
        guard let resolved = realpath(root, nil) else {
            throw .system(.unreadable, root, "opening the folder")
        }
        defer { free(resolved) }
        let path = String(cString: resolved)
        resolvedRoot = path.hasSuffix("/") ? path : path + "/"
    }

    /// Calls `body` with each file's path, which begins with the folder as it was named.
    ///
    /// Hidden files and folders are left out, links to folders are not followed, and links to files
    /// only if they lead to a file below the same folder.
    func forEachFile(_ body: (String) throws(ManifestError) -> Void) throws(ManifestError) {
        try visit(root, depth: 0, body)
    }

    private func visit(
        _ folder: String, depth: Int, _ body: (String) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        guard depth < ManifestLimits.folderDepthMax else {
            throw ManifestError(.invalid, folder, "folders are nested too deep")
        }
        for entry in try entries(folder) {
            let path = FilePath.joined(folder, entry.name)
            if entry.isFolder {
                try visit(path, depth: depth + 1, body)
            } else {
                try body(path)
            }
        }
    }

    /// What of a folder is to be visited, so ordered that whole paths come in the order of bytes.
    private func entries(
        _ folder: String
    ) throws(ManifestError) -> [(name: String, isFolder: Bool)] {
        guard let directory = opendir(folder) else {
            throw .system(.unreadable, folder, "opening the folder")
        }
        defer { closedir(directory) }
        var found: [(name: String, isFolder: Bool, key: [UInt8])] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw .system(.unreadable, folder, "reading the folder") }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            guard let isFolder = try kind(of: FilePath.joined(folder, name)) else { continue }
            found.append((name, isFolder, Array(name.utf8) + (isFolder ? [0x2F] : [])))
        }
        found.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return found.map { ($0.name, $0.isFolder) }
    }

    /// Whether an entry is a folder; nil if it is to be left out.
    private func kind(of path: String) throws(ManifestError) -> Bool? {
        var status = stat()
        guard lstat(path, &status) == 0, !excluded.contains(FileIdentity(status)) else {
            return nil
        }
        if status.isFolder { return true }
        guard Self.extensions.contains(FilePath.fileExtension(path)) else { return nil }
        if status.isRegularFile { return false }
        guard status.st_mode & S_IFMT == S_IFLNK, let target = FilePath.status(path),
            target.isRegularFile, !excluded.contains(FileIdentity(target)),
            let resolved = realpath(path, nil)
        else { return nil }
        defer { free(resolved) }
        return String(cString: resolved).hasPrefix(resolvedRoot) ? false : nil
    }
}

/// Tells whether two paths lead to the same file.
struct FileIdentity: Hashable {
    private let device: UInt
    private let node: UInt

    init(_ status: stat) {
        device = UInt(status.st_dev)
        node = UInt(status.st_ino)
    }
}
