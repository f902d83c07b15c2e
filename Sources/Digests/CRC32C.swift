internal import CChecksums

/// CRC-32C of bytes: guards messages and journalled records against damage, not against malice.
package enum CRC32C {
    /// The checksum of `bytes`, going on from `seed` (0 to begin).
    package static func checksum(of bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        scriptorium_crc32c(seed, bytes.baseAddress, bytes.count)
    }

    /// The checksum of `bytes`, going on from `seed` (0 to begin).
    package static func checksum(of bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { checksum(of: $0, seed: seed) }
    }
}
