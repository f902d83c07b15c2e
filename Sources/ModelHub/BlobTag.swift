internal import Digests
internal import Files

/// The name that a hub gives to a file's contents.
enum BlobTag {
    /// The tag of the file at `path`, of the same kind as `tag`.
    ///
    /// SHA-256 (64 digits) or git's blob id (40 digits). Of another kind it is `tag` itself, since
    /// nothing more than `size` can be checked then.
    static func compute(
        _ path: String, like tag: String, size: Int
    ) throws(HubError) -> String {
        guard tag.utf8.allSatisfy(isLowerHexadecimal) else { return tag }
        switch tag.utf8.count {
        case 64:
            var hasher = SHA256Hasher()
            try read(path) { hasher.update($0) }
            return hasher.finalize().hex
        case 40:
            var hasher = GitBlobHasher(size: size)
            try read(path) { hasher.update($0) }
            return hasher.finalize()
        default: return tag
        }
    }

    private static func read(
        _ path: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(HubError) {
        try mapError({ CacheFiles.failure("read", path, $0.number) }) {
            () throws(FileError) in
            try OpenFile(path).forEachBlock(body)
        }
    }
}
