package import AudioFormats
internal import Digests
package import SpeechTypes

/// What a zip archive says at its end of the files in it (PKWARE's APPNOTE 6.3, "central directory"), with the
/// fields of archives and members beyond 4 GiB (Zip64).
package struct ZipDirectory: Sendable {
    /// One file.
    struct Entry: Sendable {
        var name: UInt64
        var headerOffset: Int
        var packedBytes: Int
        var byteCount: Int
        var checksum: UInt32
        var method: UInt16
        var isEncrypted: Bool
        var nameBytes: Int
    }

    private let archive: String
    /// By name.
    private let entries: [Entry]

    private static let directoryBytesMax = 1 << 29
    private static let membersMax = 10_000_000
    private static let (endBytes, end64Bytes, locatorBytes, entryBytes) = (22, 56, 20, 46)
    /// What may stand behind the last record: a comment.
    private static let commentBytesMax = 0xFFFF

    /// - Parameter body: gets the name of each file, in the archive's order.
    /// - Throws: if the archive cannot be read, is none, or is more than can be read.
    package init(
        of source: any ArchiveSource, _ body: (PathBytes) throws(AudioError) -> Void = { _ in }
    ) throws(AudioError) {
        archive = source.name
        let place = try Self.directory(of: source)
        guard place.bytes <= Self.directoryBytesMax else {
            throw AudioError(
                .audioUnsupported, source.name,
                "the list of \(source.name)'s members has \(place.bytes) bytes; split the archive")
        }
        let bytes = try source.bytes(at: place.start, count: place.bytes)
        guard bytes.count == place.bytes else {
            throw .damaged(source.name, at: place.start, "its list of members is cut short")
        }
        var found: [Entry] = []
        var fields = ByteFields(bytes)
        while fields.left > 0 {
            let start = place.start + fields.position
            guard let (name, entry) = Self.entry(&fields, place.shift) else {
                throw .damaged(source.name, at: start, "no entry of its list of members")
            }
            guard found.count < Self.membersMax else {
                throw AudioError(
                    .audioUnsupported, source.name,
                    "\(source.name) has more than \(Self.membersMax) members; split it")
            }
            // Folders are listed, too.
            guard name.bytes.last != UInt8(ascii: "/") else { continue }
            found.append(entry)
            try body(name)
        }
        found.sort { ($0.name, $0.headerOffset) < ($1.name, $1.headerOffset) }
        entries = found
    }

    /// What is known of a file; of several with one name the last.
    func entry(of member: PathBytes) -> Entry? {
        let name = TarIndex.hash(TarWalk.normal(member.bytes))
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].name <= name { low = middle + 1 } else { high = middle }
        }
        return low > 0 && entries[low - 1].name == name ? entries[low - 1] : nil
    }

    func missing(_ member: ArchiveMember) -> AudioError {
        AudioError(
            .audioNotFound, member.path.text,
            "\(archive) has no file \(member.name) among its \(entries.count)")
    }

    // MARK: Where the list stands

    /// - Returns: where it begins, its length, and what is to be added to all offsets: programs that unpack themselves
    ///   stand before an archive.
    private static func directory(
        of source: any ArchiveSource
    ) throws(AudioError) -> (start: Int, bytes: Int, shift: Int) {
        let byteCount = try source.byteCount()
        let tailStart = max(0, byteCount - commentBytesMax - endBytes - locatorBytes)
        let tail = try source.bytes(at: tailStart, count: byteCount - tailStart)
        let last = tail.count - endBytes
        let mark: [UInt8] = [0x50, 0x4B, 5, 6]
        let found =
            last < 0
            ? nil
            : (0...last).reversed().first { index in
                // A comment could hold the mark, but not at its own distance from the end.
                tail[index] == mark[0] && tail[index..<index + 4].elementsEqual(mark)
                    && Int(tail[index + 20]) | Int(tail[index + 21]) << 8 == last - index
            }
        guard let found else {
            throw AudioError(
                .audioDamaged, source.name,
                "\(source.name) does not end as zip archives do; fetch or write it again")
        }
        var fields = ByteFields(Array(tail[found...]))
        fields.skip(4)
        let disks = [fields.number(2), fields.number(2)]
        fields.skip(4)
        var bytes = fields.number(4) ?? 0
        var offset = fields.number(4) ?? 0
        var end = tailStart + found
        if let wide = try end64(of: source, before: end, tail, found) {
            (offset, bytes, end) = wide
        } else if disks.contains(where: { $0 != 0 }) {
            throw AudioError(
                .audioUnsupported, source.name,
                "\(source.name) is one of several parts; join them (zip -s 0)")
        }
        // The list stands right before what tells of it.
        let start = end - bytes
        // Info-ZIP leaves the place open where it writes to a pipe, and means the archive's first byte.
        if offset == 0xFFFF_FFFF { offset = start }
        guard bytes >= 0, start >= 0, offset >= 0, offset <= start else {
            throw .damaged(source.name, at: end, "its list of members is said to stand elsewhere")
        }
        return (start, bytes, start - offset)
    }

    /// What stands before the end of archives that are beyond the first fields.
    private static func end64(
        of source: any ArchiveSource, before end: Int, _ tail: [UInt8], _ found: Int
    ) throws(AudioError) -> (offset: Int, bytes: Int, end: Int)? {
        guard found >= locatorBytes,
            tail[found - locatorBytes..<found - 16].elementsEqual([0x50, 0x4B, 6, 7])
        else { return nil }
        // Right before it, as a rule; where bytes stand before the archive, its own offset is too small.
        let near = end - locatorBytes - end64Bytes
        var fields = ByteFields(Array(tail[(found - locatorBytes)...]))
        fields.skip(8)
        for place in [fields.number(8), near] {
            guard let place, place >= 0, place <= near else { continue }
            var record = ByteFields(try source.bytes(at: place, count: end64Bytes))
            guard record.number(4) == 0x0606_4B50 else { continue }
            record.skip(36)
            guard let bytes = record.number(8), let offset = record.number(8) else { break }
            return (offset, bytes, place)
        }
        throw .damaged(source.name, at: end, "its Zip64 record is missing")
    }

    // MARK: Entries

    private static func entry(
        _ fields: inout ByteFields, _ shift: Int
    ) -> (name: PathBytes, entry: Entry)? {
        guard fields.number(4) == 0x0201_4B50, fields.left >= entryBytes - 4 else { return nil }
        fields.skip(4)
        guard let flags = fields.number(2), let method = fields.number(2) else { return nil }
        fields.skip(4)
        guard let checksum = fields.number(4), var packed = fields.number(4),
            var size = fields.number(4), let nameBytes = fields.number(2),
            let extraBytes = fields.number(2), let commentBytes = fields.number(2)
        else { return nil }
        fields.skip(8)
        guard var offset = fields.number(4), let name = fields.bytes(nameBytes),
            let extra = fields.bytes(extraBytes), fields.bytes(commentBytes) != nil
        else { return nil }
        var wide = wideFields(in: extra)
        let full = 0xFFFF_FFFF
        for field in [size == full, packed == full, offset == full].enumerated()
        where field.element {
            guard let number = wide?.number(8) else { return nil }
            switch field.offset {
            case 0: size = number
            case 1: packed = number
            default: offset = number
            }
        }
        guard size >= 0, packed >= 0, offset >= 0, offset <= Int.max - shift else { return nil }
        let path = TarWalk.normal(name)
        return (
            path,
            Entry(
                name: TarIndex.hash(path), headerOffset: offset + shift, packedBytes: packed,
                byteCount: size, checksum: UInt32(checksum), method: UInt16(method),
                isEncrypted: flags & 1 != 0, nameBytes: nameBytes)
        )
    }

    /// The extra field of numbers that have no room in their own.
    private static func wideFields(in extra: [UInt8]) -> ByteFields? {
        var fields = ByteFields(extra)
        while let id = fields.number(2), let count = fields.number(2) {
            guard let bytes = fields.bytes(count) else { return nil }
            if id == 1 { return ByteFields(bytes) }
        }
        return nil
    }
}

/// Little-endian numbers, one after another.
struct ByteFields {
    private let all: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { all = bytes }

    var left: Int { all.count - position }

    /// Nil where there are too few bytes, and for what is beyond `Int`.
    mutating func number(_ count: Int) -> Int? {
        guard let bytes = bytes(count) else { return nil }
        guard count < 8 || bytes[7] < 0x80 else { return nil }
        return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count <= left else { return nil }
        defer { position += count }
        return Array(all[position..<position + count])
    }

    mutating func skip(_ count: Int) { position = min(all.count, position + count) }
}
