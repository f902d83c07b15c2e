package import Digests
internal import Files
internal import Glibc

/// Digests of files that have been read before, so that a large model is hashed once.
///
/// An entry is found by what the file system says about the files (device, inode, size, time of
/// change). A cache that cannot be read or written only costs time, and so is never an error.
package struct DigestCache: Sendable {
    private let folder: CacheFolder

    /// Files changed this recently could change again without a new time; they are not remembered.
    private static let settledNanoseconds: Int64 = 2_000_000_000

    package init(folder: String) { self.folder = CacheFolder(folder) }

    /// `${XDG_CACHE_HOME:-~/.cache}/scriptorium/digests`; nil without a home.
    package static func standard() -> DigestCache? {
        CacheFolder.standard("digests").map { DigestCache(folder: $0.path) }
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
        guard let bytes = folder.contents(of: key, bytesMax: 65), bytes.count == 65 else {
            return nil
        }
        return ContentDigest(hex: String(decoding: bytes.dropLast(), as: UTF8.self))
    }

    /// Remembers `digest` under `key`, whole or not at all.
    package func store(_ digest: ContentDigest, under key: String) {
        folder.store(Array("\(digest.hex)\n".utf8), as: key)
    }
}
