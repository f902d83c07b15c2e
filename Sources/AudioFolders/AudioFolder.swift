internal import Glibc
package import Manifests
package import SpeechTypes

/// The recordings below a folder, in the order of their paths' bytes.
package struct AudioFolder {
    /// What a folder is, so that a link that leads back to it is known.
    private typealias Ancestors = [FileIdentity]

    private let root: PathBytes
    private let resolvedRoot: PathBytes
    private let options: FolderOptions
    /// Files and folders that are left out wherever they lie: what is being written.
    private let excluded: Set<FileIdentity>
    private let recorded: RecordedPaths

    private var leftOut = SkippedEntries()
    /// Files that are to be passed on, in order, some of them after a look into them.
    private var waiting: [(path: PathBytes, isCertain: Bool)] = []

    /// Files that are judged, and reported as progress, together.
    private static let filesPerTurn = 256
    /// Links on one path that are followed.
    private static let linkDepthMax = 8

    /// - Parameter excluding: paths that are left out, if they exist.
    package init(
        _ root: PathBytes, excluding: [String], options: FolderOptions, recorded: RecordedPaths
    ) throws(ManifestError) {
        self.root = root
        self.options = options
        self.recorded = recorded
        excluded = Set(
            excluding.compactMap { FilePath.status(PathBytes($0)).map(FileIdentity.init) })
        guard let resolved = root.resolved else {
            throw .system(.unreadable, root.text, "open the folder")
        }
        resolvedRoot = resolved
    }

    /// Calls `body` with each file's path, which begins with the folder as it was named.
    ///
    /// Hidden files and folders are left out. Links to folders are followed only if the options say so,
    /// and links to files otherwise only if they lead to a file below the same folder.
    ///
    /// - Returns: what else there is below the folder.
    package mutating func forEachFile(
        _ body: (PathBytes) throws(ManifestError) -> Void
    ) throws(ManifestError) -> SkippedEntries {
        let identity = FilePath.status(root).map { FileIdentity($0) }
        try visit(root, ancestors: identity.map { [$0] } ?? [], links: 0, body)
        try passWaiting(body)
        return leftOut
    }

    private mutating func visit(
        _ folder: PathBytes, ancestors: Ancestors, links: Int,
        _ body: (PathBytes) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        guard ancestors.count <= ManifestLimits.folderDepthMax else {
            throw ManifestError(.invalid, folder.text, "folders are nested too deep")
        }
        for entry in try entries(folder, ancestors: ancestors, links: links) {
            let path = folder.joined(entry.name)
            switch entry.kind {
            case .folder(let identity, let isLink):
                try visit(
                    path, ancestors: ancestors + [identity], links: links + (isLink ? 1 : 0), body)
            case .file(let isCertain):
                waiting.append((path, isCertain))
                if waiting.count >= Self.filesPerTurn { try passWaiting(body) }
            }
        }
    }

    /// Passes on the files that wait, after a look into those that are not known by their names.
    private mutating func passWaiting(
        _ body: (PathBytes) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        let asked = waiting.filter { !$0.isCertain }.map(\.path)
        var verdicts: [FileVerdict]
        if let judge = options.judge {
            verdicts = ParallelFileCheck(verdict: judge).verdicts(of: asked)
        } else {
            verdicts = Array(repeating: .notAudio, count: asked.count)
        }
        verdicts.reverse()
        for (path, isCertain) in waiting {
            switch isCertain ? .audio : verdicts.removeLast() {
            case .audio where isCertain || options.rule == .content: try body(path)
            case .audio: leftOut.add(.earlierList, path)
            case .notAudio: leftOut.add(.notAudio, path)
            case .unreadable: leftOut.add(.unreadable, path)
            }
        }
        waiting.removeAll(keepingCapacity: true)
    }

    // MARK: One folder

    private enum Kind {
        case folder(FileIdentity, isLink: Bool)
        /// - Parameter isCertain: a row, whatever its content.
        case file(isCertain: Bool)

        var isFolder: Bool { if case .folder = self { true } else { false } }
    }

    /// What of a folder is to be visited, so ordered that whole paths come in the order of bytes.
    private mutating func entries(
        _ folder: PathBytes, ancestors: Ancestors, links: Int
    ) throws(ManifestError) -> [(name: PathBytes, kind: Kind)] {
        guard let names = try names(in: folder) else { return [] }
        var found: [(name: PathBytes, kind: Kind, key: [UInt8])] = []
        // The store of a model hub's cache, whose files have their names in the folder beside it.
        let hasHubStore = names.contains("snapshots") && names.contains("blobs")
        // In order, so that the examples of what is left out are the same in every run.
        for name in names.sorted() {
            let path = folder.joined(name)
            if name.bytes.first == UInt8(ascii: ".") || hasHubStore && name == "blobs" {
                leftOut.add(.hidden, path)
            } else if let kind = kind(of: path, ancestors, links) {
                found.append((name, kind, name.bytes + (kind.isFolder ? [UInt8(ascii: "/")] : [])))
            }
        }
        found.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return found.map { ($0.name, $0.kind) }
    }

    /// The names in a folder, in any order; nil for a folder that cannot be read and is not the input.
    private mutating func names(in folder: PathBytes) throws(ManifestError) -> [PathBytes]? {
        guard let directory = folder.withCString({ opendir($0) }) else {
            guard folder != root else {
                throw .system(.unreadable, folder.text, "open the folder")
            }
            leftOut.add(.unreadable, folder)
            return nil
        }
        defer { closedir(directory) }
        var names: [PathBytes] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else {
                    throw .system(.unreadable, folder.text, "read the folder")
                }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { PathBytes(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// What an entry is; nil if it is left out, which is counted.
    private mutating func kind(
        of path: PathBytes, _ ancestors: Ancestors, _ links: Int
    ) -> Kind? {
        guard let own = FilePath.ownStatus(path) else {
            leftOut.add(.unreadable, path)
            return nil
        }
        if excluded.contains(FileIdentity(own)) { return nil }
        guard own.isLink else {
            if own.isFolder {
                // A link may have led to a folder above this one.
                if ancestors.contains(FileIdentity(own)) { return leftOut(.linkLoop, path) }
                return .folder(FileIdentity(own), isLink: false)
            }
            return own.isRegularFile ? file(path) : leftOut(.specialFile, path)
        }
        guard let target = FilePath.status(path) else {
            return leftOut(errno == EACCES ? .unreadable : .brokenLink, path)
        }
        let identity = FileIdentity(target)
        if excluded.contains(identity) { return nil }
        guard target.isFolder || target.isRegularFile else { return leftOut(.specialFile, path) }
        if target.isFolder {
            guard options.followsLinks else { return leftOut(.linkToFolder, path) }
            if ancestors.contains(identity) || links >= Self.linkDepthMax {
                return leftOut(.linkLoop, path)
            }
            return .folder(identity, isLink: true)
        }
        guard options.followsLinks || path.resolved?.isWithin(resolvedRoot) == true else {
            return leftOut(.linkOutside, path)
        }
        return file(path)
    }

    private mutating func leftOut(_ reason: SkipReason, _ path: PathBytes) -> Kind? {
        leftOut.add(reason, path)
        return nil
    }

    private func file(_ path: PathBytes) -> Kind {
        let known =
            switch options.rule {
            case .content: FolderOptions.extensions.contains(path.fileExtension)
            // Names that are not text were not found by earlier versions.
            case .earlierNames:
                path.isText && FolderOptions.earlierExtensions.contains(path.fileExtension)
            }
        return .file(isCertain: known || options.rule == .content && recorded.contains(path))
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
