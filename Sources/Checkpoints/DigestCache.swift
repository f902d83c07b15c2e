package import Digests
internal import Files
internal import Glibc

/// Digests of files that have been read before, so that a large model is hashed once.
///
/// An entry is found by what the file system says about the files (device, inode, size, time of
/// change). A cache that cannot be read or written only costs time, and so is never an error.
package struct DigestCache: Sendable {
    private let folder: String

    /// Files changed this recently could change again without a new time; they are not remembered.
    private static let settledNanoseconds: Int64 = 2_000_000_000

    package init(folder: String) { self.folder = folder }

    /// `${XDG_CACHE_HOME:-~/.cache}/scriptorium/digests`; nil without a home.
    package static func standard() -> DigestCache? {
        if let cache = environment("XDG_CACHE_HOME"), cache.hasPrefix("/") {
            return DigestCache(folder: "\(cache)/scriptorium/digests")
        }
        guard let home = environment("HOME") else { return nil }
        return DigestCache(folder: "\(home)/.cache/scriptorium/digests")
    }

    /// The key of `files` read under `rules`; nil if one is not a file on disk or too fresh.
    ///
    /// - Parameter rules: whatever else decides the digest, its version among it.
    package static func key(of files: [FileBytes], rules: String) -> String? {
        var now = timespec()
        guard clock_gettime(CLOCK_REALTIME, &now) == 0 else { return nil }
        let settled =
            Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec) &- settledNanoseconds
        var text = rules
        for file in files {
            guard let identity = file.identity, identity.modifiedNanoseconds < settled else {
                return nil
            }
            text += "\n\(identity.device) \(identity.inode) \(identity.size) "
            text += "\(identity.modifiedNanoseconds)"
        }
        return SHA256Hasher.digest(of: Array(text.utf8)).hex
    }

    /// The digest remembered under `key`.
    package func digest(_ key: String) -> ContentDigest? {
        guard let file = try? FileBytes(mapping: "\(folder)/\(key)"), file.count == 65 else {
            return nil
        }
        return ContentDigest(hex: String(decoding: file.copy(0..<64), as: UTF8.self))
    }

    /// Remembers `digest` under `key`, whole or not at all.
    package func store(_ digest: ContentDigest, under key: String) {
        guard makeFolder() else { return }
        let file = try? AtomicFile(
            "\(folder)/\(key)", writtenTo: "\(folder)/.\(key).\(getpid())", permissions: 0o644,
            isDurable: false)
        guard let file, (try? file.write("\(digest.hex)\n".utf8)) != nil else { return }
        try? file.commit()
    }

    private func makeFolder() -> Bool {
        var path = ""
        for part in folder.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o755) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES
            else { return false }
        }
        return FileKind.of(folder) == .folder
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
