/// One page's header.
struct OggPage {
    let isFirst: Bool
    let isLast: Bool
    /// What a codec counts, up to the last packet that ends here; -1 if none does.
    let position: Int64
    let serial: UInt32
    let sequence: UInt32
    let headerBytes: Int
    let byteCount: Int

    static let marker = Array("OggS".utf8)
    static let byteCountMax = 65_307
    private static let fixedBytes = 27

    /// Nil if no complete page stands at `start`.
    init?(_ bytes: [UInt8], at start: Int) {
        guard bytes.count - start >= Self.fixedBytes,
            bytes[start..<start + 4].elementsEqual(Self.marker)
        else { return nil }
        let segments = Int(bytes[start + 26])
        headerBytes = Self.fixedBytes + segments
        let tableEnd = start + headerBytes
        guard tableEnd <= bytes.count else { return nil }
        let payload = bytes[start + Self.fixedBytes..<tableEnd].reduce(0) { $0 + Int($1) }
        guard tableEnd + payload <= bytes.count else { return nil }
        byteCount = headerBytes + payload
        isFirst = bytes[start + 5] & 2 != 0
        isLast = bytes[start + 5] & 4 != 0
        let low = Self.integer(bytes, at: start + 6)
        let high = Self.integer(bytes, at: start + 10)
        position = Int64(bitPattern: UInt64(high) << 32 | UInt64(low))
        serial = Self.integer(bytes, at: start + 14)
        sequence = Self.integer(bytes, at: start + 18)
    }

    /// Ogg's CRC-32: polynomial 0x04C11DB7, most significant bit first, its own field as 0.
    func hasValidChecksum(in bytes: [UInt8], at start: Int) -> Bool {
        let stated = Self.integer(bytes, at: start + 22)
        return bytes.withUnsafeBufferPointer { bytes in
            Self.table.withUnsafeBufferPointer { table in
                var sum: UInt32 = 0
                for index in 0..<byteCount {
                    let byte = (22..<26).contains(index) ? 0 : bytes[start + index]
                    sum = sum << 8 ^ table[Int(sum >> 24 ^ UInt32(byte))]
                }
                return sum == stated
            }
        }
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { sum, _ in
            sum & 0x8000_0000 == 0 ? sum << 1 : sum << 1 ^ 0x04C1_1DB7
        }
    }

    private static func integer(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }
}
