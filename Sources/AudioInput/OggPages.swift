internal import SpeechTypes

/// What a walk over every page of an Ogg file found; a failed check is thrown.
///
/// libogg skips pages whose sum is wrong without a word, and libsndfile passes the gap on, so the
/// pages are checked before anything is decoded.
struct OggPages: Equatable {
    /// The last page is incomplete, or no stream has its end mark.
    private(set) var isCutShort = false
    /// A stream begins after another has ended: only the first would be decoded.
    private(set) var isChained = false

    /// Streams within one file; more are not audio.
    private static let streamsMax = 64
    private static let headerBytes = 27
    private static let windowBytes = 1 << 18

    init(checking file: AudioFile) throws(AudioError) {
        var nextSequence: [UInt32: UInt32] = [:]
        var hasEnded = false
        var window: [UInt8] = []
        var windowStart = 0
        var offset = 0
        while offset < file.byteCount {
            // A page is at most 65,307 bytes, so a refilled window always holds one.
            if offset - windowStart + 65_307 > window.count,
                windowStart + window.count < file.byteCount || window.isEmpty
            {
                window = try file.bytes(at: offset, count: Self.windowBytes)
                windowStart = offset
            }
            let start = offset - windowStart
            guard let page = Page(window, at: start) else {
                if window[start...].starts(with: Self.marker.prefix(window.count - start)) {
                    isCutShort = true
                } else if !hasEnded {
                    throw Self.damage(file, "bytes that belong to no page at offset \(offset)")
                }
                return
            }
            guard page.hasValidChecksum(in: window, at: start) else {
                throw Self.damage(file, "the checksum of the page at offset \(offset) is wrong")
            }
            if page.isFirst {
                if hasEnded { isChained = true }
                guard nextSequence.count < Self.streamsMax else {
                    throw Self.damage(file, "more than \(Self.streamsMax) streams")
                }
            } else if nextSequence[page.serial] != page.sequence {
                throw Self.damage(file, "a page is missing before offset \(offset)")
            }
            nextSequence[page.serial] = page.sequence &+ 1
            if page.isLast { hasEnded = true }
            offset += page.byteCount
        }
        if !hasEnded { isCutShort = true }
    }

    private static let marker = Array("OggS".utf8)

    private static func damage(_ file: AudioFile, _ what: String) -> AudioError {
        AudioError(.audioDamaged, file.path, "Ogg: \(what); fetch or encode the file again")
    }

    /// One page's header.
    private struct Page {
        let isFirst: Bool
        let isLast: Bool
        let serial: UInt32
        let sequence: UInt32
        let byteCount: Int

        /// Nil if no complete page stands at `start`.
        init?(_ bytes: [UInt8], at start: Int) {
            guard bytes.count - start >= OggPages.headerBytes,
                bytes[start..<start + 4].elementsEqual(OggPages.marker)
            else { return nil }
            let segments = Int(bytes[start + 26])
            let tableEnd = start + OggPages.headerBytes + segments
            guard tableEnd <= bytes.count else { return nil }
            let payload = bytes[start + OggPages.headerBytes..<tableEnd].reduce(0) { $0 + Int($1) }
            guard tableEnd + payload <= bytes.count else { return nil }
            byteCount = OggPages.headerBytes + segments + payload
            isFirst = bytes[start + 5] & 2 != 0
            isLast = bytes[start + 5] & 4 != 0
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
}
