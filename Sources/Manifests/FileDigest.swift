package import Digests
internal import Glibc
package import SpeechTypes
internal import Threading

/// The digest of a file's bytes, whatever they are.
package enum FileDigest {
    /// - Returns: nil if there is no such file.
    package static func sha256(of path: String) throws(ManifestError) -> ContentDigest? {
        try sha256(of: PathBytes(path))
    }

    /// - Returns: nil if there is no such file.
    package static func sha256(of path: PathBytes) throws(ManifestError) -> ContentDigest? {
        let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(.unreadable, path.text, "opening")
        }
        defer { close(descriptor) }
        var status = stat()
        if fstat(descriptor, &status) == 0 {
            WorkMeter.shared.expect(Int(status.st_size), .bytes)
        }
        var hasher = SHA256Hasher()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(.unreadable, path.text, "reading") }
            if count == 0 { return hasher.finalize() }
            WorkMeter.shared.advance(count, .bytes)
            chunk.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}
