internal import AudioFormats
internal import Digests
internal import Files
internal import Glibc

/// Indexes of archives as they are kept in a folder, so that a job which goes on does not read all headers again.
///
/// A file has a head of 64 bytes (mark, count, damage, digest of the archive's name and state, CRC-32C of the
/// entries; little endian) and the entries, 24 bytes each. One that is not as it was written is made anew.
package struct TarIndexFolder: Sendable {
    private let folder: String

    private static let mark = Array("SCRTAR01".utf8)
    private static let headBytes = 64
    private static let noDamage = UInt64.max

    package init(_ folder: String) { self.folder = folder }

    /// The index of an archive as it is now; nil if none is kept.
    func index(of name: String, version: String) -> TarIndex? {
        let key = Self.key(name, version)
        guard let file = try? OpenFile(path(key)), let count = file.byteCount,
            count >= Self.headBytes, (count - Self.headBytes) % TarIndex.Entry.byteCount == 0,
            let bytes = try? file.contents(bytesMax: count), bytes.count == count,
            bytes.starts(with: Self.mark)
        else { return nil }
        let entryCount = (count - Self.headBytes) / TarIndex.Entry.byteCount
        let entries = Array(bytes[Self.headBytes...])
        guard Self.number(bytes, at: 8) == UInt64(entryCount),
            bytes[24..<56].elementsEqual(key.bytes),
            Self.number(bytes, at: 56) == UInt64(CRC32C.checksum(of: entries))
        else { return nil }
        let damage = Self.number(bytes, at: 16)
        return TarIndex(
            entries: (0..<entryCount).map { index in
                let start = index * TarIndex.Entry.byteCount
                return TarIndex.Entry(
                    name: Self.number(entries, at: start),
                    offset: Self.number(entries, at: start + 8),
                    byteCount: Self.number(entries, at: start + 16))
            },
            archive: name, damage: damage == Self.noDamage ? nil : Int(clamping: damage))
    }

    /// Keeps an index; a disk that refuses costs the next run the time to make it again, no more.
    func keep(_ index: TarIndex, of name: String, version: String) {
        let key = Self.key(name, version)
        var entries: [UInt8] = []
        entries.reserveCapacity(index.entries.count * TarIndex.Entry.byteCount)
        for entry in index.entries {
            for number in [entry.name, entry.offset, entry.byteCount] {
                withUnsafeBytes(of: number.littleEndian) { entries += $0 }
            }
        }
        var head = Self.mark
        func put(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { head += $0 } }
        put(UInt64(index.entries.count))
        put(index.damage.map { UInt64($0) } ?? Self.noDamage)
        head += key.bytes
        put(UInt64(CRC32C.checksum(of: entries)))
        let path = path(key)
        mkdir(folder, 0o777)
        guard
            let file = try? AtomicFile(
                path, writtenTo: AtomicFile.uniquePartPath(of: path), isDurable: false)
        else { return }
        try? file.write(head)
        try? file.write(entries)
        try? file.commit()
    }

    private func path(_ key: ContentDigest) -> String {
        "\(folder)/\(key.short.hex).members"
    }

    private static func key(_ name: String, _ version: String) -> ContentDigest {
        SHA256Hasher.digest(of: Array("\(name)\u{0}\(version)".utf8))
    }

    private static func number(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
