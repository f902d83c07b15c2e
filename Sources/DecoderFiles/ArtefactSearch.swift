package import Checkpoints
internal import Digests
internal import Files
internal import Glibc
package import SpeechTypes

/// Finds the files that a job takes, by their digests.
package struct ArtefactSearch {
    private let named: DecoderFileSet
    private let roots: [String]
    private let cache: DigestCache?

    private static let depthMax = 32
    /// Files and folders below all roots.
    private static let entriesMax = 1_000_000

    /// - Parameters:
    ///   - named: files that are looked at first, whatever they were named for.
    ///   - roots: folders below which every file of the right size is read.
    package init(
        named: DecoderFileSet, roots: [String], cache: DigestCache? = .standard()
    ) {
        self.named = named
        self.roots = roots
        self.cache = cache
    }

    /// The files, as far as they are here.
    ///
    /// - Parameter needed: of the job.
    package func files(for needed: [ArtefactFile]) -> DecoderFileSet {
        var found = DecoderFileSet()
        var rest = needed.filter { DecoderFileKind(rawValue: $0.name) != nil }
        func take(_ path: String, _ digest: ContentDigest) {
            for file in rest where file.digest == digest {
                if let kind = DecoderFileKind(rawValue: file.name) { found.paths[kind] = path }
            }
            rest.removeAll { $0.digest == digest }
        }
        for path in named.paths.sorted(by: { $0.key.rawValue < $1.key.rawValue }).map(\.value) {
            if let digest = digest(of: path) { take(path, digest) }
        }
        var entries = 0
        var folders = roots.reversed().map { (path: $0, depth: 0) }
        while let folder = folders.popLast(), !rest.isEmpty {
            guard let names = try? FolderListing.names(in: folder.path) else { continue }
            for name in names {
                entries += 1
                guard entries <= Self.entriesMax else { return found }
                let path = "\(folder.path)/\(name)"
                var status = stat()
                guard stat(path, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR {
                    // Links to folders may lead round in circles.
                    var own = stat()
                    guard lstat(path, &own) == 0, own.st_mode & S_IFMT == S_IFDIR,
                        folder.depth < Self.depthMax
                    else { continue }
                    folders.append((path, folder.depth + 1))
                } else if status.st_mode & S_IFMT == S_IFREG,
                    rest.contains(where: { $0.byteCount == Int(status.st_size) }),
                    let digest = digest(of: path)
                {
                    take(path, digest)
                }
            }
        }
        return found
    }

    private func digest(of path: String) -> ContentDigest? {
        try? DecoderFileSet.artefact("", at: path, cache: cache).digest
    }
}
