internal import Digests

/// The digest of one lane's samples as they pass; a class, since arrays hold copyable values only.
final class LaneHasher {
    private var hasher: SHA256Hasher? = SHA256Hasher()

    /// Takes the samples from `start` on as float32, little-endian like every machine this runs on.
    func update(_ samples: [Float], from start: Int) {
        samples.withUnsafeBytes { bytes in
            hasher?.update(UnsafeRawBufferPointer(rebasing: bytes[(start * 4)...]))
        }
    }

    /// - Precondition: called once.
    func finalize() -> ContentDigest {
        guard let hasher = hasher.take() else { preconditionFailure("the digest was taken before") }
        return hasher.finalize()
    }
}
