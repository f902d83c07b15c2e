internal import CCrypto

/// The name that git gives to a file's contents: SHA-1 over a short header and the bytes.
///
/// Good against damage in transfer; SHA-1 is no guard against malice.
package struct GitBlobHasher: ~Copyable {
    private let context: OpaquePointer

    /// - Parameter size: how many bytes will be given.
    package init(size: Int) {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha1(), nil) == 1
        else { preconditionFailure("libcrypto has no memory for a SHA-1 context") }
        self.context = context
        let header = Array("blob \(size)\0".utf8)
        let status = EVP_DigestUpdate(context, header, header.count)
        precondition(status == 1, "libcrypto refused bytes for a digest")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let status = EVP_DigestUpdate(context, base, bytes.count)
        precondition(status == 1, "libcrypto refused bytes for a digest")
    }

    /// Ends the computation: 40 lower-case hexadecimal digits.
    package consuming func finalize() -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let status = EVP_DigestFinal_ex(context, &bytes, nil)
        precondition(status == 1, "libcrypto could not finish a digest")
        return Hexadecimal.text(bytes)
    }
}
