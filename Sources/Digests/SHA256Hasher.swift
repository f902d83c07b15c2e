internal import CCrypto

/// SHA-256 over bytes that arrive in pieces.
package struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    // Looked up once: libcrypto 3 searches for what `EVP_sha256()` names at every digest. Unsafe to the
    // compiler alone, which sees a pointer: what was fetched never changes, is never freed, and may be used
    // by any number of threads at once (EVP_MD_fetch(3), openssl-threads(7)).
    nonisolated(unsafe) private static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("libcrypto has no SHA-256")
        }
        return algorithm
    }()

    package init() {
        guard let context = EVP_MD_CTX_new(),
            EVP_DigestInit_ex(context, Self.algorithm, nil) == 1
        else { preconditionFailure("libcrypto has no memory for a SHA-256 context") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let status = EVP_DigestUpdate(context, base, bytes.count)
        precondition(status == 1, "libcrypto refused bytes for a digest")
    }

    /// Takes the next bytes.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Takes the UTF-8 bytes of `text`, without a terminator.
    package mutating func update(_ text: String) {
        update(Array(text.utf8))
    }

    /// Ends the computation; the hasher is used up.
    package consuming func finalize() -> ContentDigest {
        var bytes = [UInt8](repeating: 0, count: 32)
        let status = EVP_DigestFinal_ex(context, &bytes, nil)
        precondition(status == 1, "libcrypto could not finish a digest")
        return ContentDigest(bytes)
    }

    /// The digest of bytes at hand.
    package static func digest(of bytes: [UInt8]) -> ContentDigest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The digest of bytes at hand.
    package static func digest(of bytes: UnsafeRawBufferPointer) -> ContentDigest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finalize()
    }
}
