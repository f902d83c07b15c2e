internal import CCrypto

/// MD5 over bytes that arrive in pieces: only to check the sums that audio containers carry.
package struct MD5Hasher: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_md5(), nil) == 1
        else { preconditionFailure("libcrypto has no MD5 or no memory for its context") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let status = EVP_DigestUpdate(context, base, bytes.count)
        precondition(status == 1, "libcrypto refused bytes for a digest")
    }

    /// Ends the computation and gives the 16 bytes; the hasher is used up.
    package consuming func finalize() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        let status = EVP_DigestFinal_ex(context, &bytes, nil)
        precondition(status == 1, "libcrypto could not finish a digest")
        return bytes
    }
}
