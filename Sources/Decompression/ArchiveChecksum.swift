internal import CZlib

/// CRC-32 as zip and gzip have it (ISO 3309), over bytes that arrive in pieces.
package struct ArchiveChecksum {
    package private(set) var value: UInt32 = 0

    package init() {}

    package mutating func add(_ bytes: [UInt8]) {
        value = UInt32(truncatingIfNeeded: crc32_z(UInt(value), bytes, bytes.count))
    }
}
