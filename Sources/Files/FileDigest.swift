package import Digests
package import SpeechTypes
internal import Threading

/// The digest of a file's bytes, whatever they are.
package enum FileDigest {
    /// - Returns: nil if there is no such file.
    /// - Throws: if it cannot be opened or read.
    package static func sha256(of path: String) throws(FileError) -> ContentDigest? {
        try sha256(of: PathBytes(path))
    }

    /// - Returns: nil if there is no such file.
    /// - Throws: if it cannot be opened or read.
    package static func sha256(of path: PathBytes) throws(FileError) -> ContentDigest? {
        guard let file = try OpenFile.ifPresent(path) else { return nil }
        if let size = file.byteCount { WorkMeter.shared.expect(size, .bytes) }
        var hasher = SHA256Hasher()
        try file.forEachBlock { block in
            WorkMeter.shared.advance(block.count, .bytes)
            hasher.update(block)
        }
        return hasher.finalize()
    }

    /// The digest of the first bytes of a file; nil if it is shorter.
    ///
    /// - Throws: if it cannot be read.
    package static func sha256(
        ofFirst byteCount: Int, of file: OpenFile
    ) throws(FileError) -> ContentDigest? {
        var hasher = SHA256Hasher()
        for start in stride(from: 0, to: byteCount, by: DescriptorIO.blockBytes) {
            let count = min(DescriptorIO.blockBytes, byteCount - start)
            let bytes = try file.bytes(at: start, count: count)
            guard bytes.count == count else { return nil }
            hasher.update(bytes)
        }
        return hasher.finalize()
    }
}
