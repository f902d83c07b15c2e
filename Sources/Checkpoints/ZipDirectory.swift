internal import StrictJSON

/// The members of a zip archive whose contents are stored as they are.
///
/// Only the central directory is believed: PyTorch writes local headers without sizes.
struct ZipDirectory {
    struct Member {
        let name: String
        /// The contents, within the file.
        let bytes: Range<Int>
    }

    let members: [Member]

    private static let endSignature: UInt32 = 0x0605_4B50
    private static let end64Signature: UInt32 = 0x0606_4B50
    private static let end64LocatorSignature: UInt32 = 0x0706_4B50
    private static let centralSignature: UInt32 = 0x0201_4B50
    private static let localSignature: UInt32 = 0x0403_4B50
    private static let endSize = 22

    private struct Directory {
        var entries: Int
        var bytes: Range<Int>
    }

    /// Reads the directory of `file` and the position of every member.
    ///
    /// - Throws: `damaged` for anything that breaks the format's rules, members that overlap or
    ///   stand twice; `refused` for compressed or encrypted ones.
    init(_ file: FileBytes) throws(CheckpointError) {
        members = try file.withBytes(0..<file.count) { bytes throws(CheckpointError) in
            let directory = try Self.directory(bytes, path: file.path)
            return try Self.members(directory, bytes, path: file.path)
        }
    }

    // MARK: The end of the archive

    private static func directory(
        _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(CheckpointError) -> Directory {
        let part = "the zip archive's end"
        guard let end = findEnd(bytes) else {
            throw CheckpointError(
                .damaged, path: path,
                "is a zip archive without its directory: the file is cut short")
        }
        var cursor = ByteCursor(bytes, at: end + 4, path: path, part: part)
        let disks = (try cursor.uint16(), try cursor.uint16())
        let entriesHere = Int(try cursor.uint16())
        var entries = Int(try cursor.uint16())
        var size = Int(try cursor.uint32())
        var start = Int(try cursor.uint32())
        if entries == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
            guard end >= 20 else { throw cursor.damaged("a zip64 record is missing") }
            var locator = ByteCursor(bytes, at: end - 20, path: path, part: part)
            guard try locator.uint32() == end64LocatorSignature else {
                throw locator.damaged("a zip64 record is missing")
            }
            try locator.skip(4)
            let end64 = try locator.size64()
            guard end64 <= bytes.count else {
                throw locator.damaged("a zip64 record lies beyond the file")
            }
            var record = ByteCursor(bytes, at: end64, path: path, part: part)
            guard try record.uint32() == end64Signature else {
                throw record.damaged("a zip64 record is missing")
            }
            try record.skip(8 + 2 + 2 + 4 + 4 + 8)
            entries = try record.size64()
            size = try record.size64()
            start = try record.size64()
        } else {
            guard disks == (0, 0), entriesHere == entries else {
                throw cursor.damaged("archives in several parts are not read")
            }
        }
        guard entries <= CheckpointLimits.zipMembersMax else {
            throw CheckpointError(.overLimit, path: path, "has \(entries) zip members")
        }
        guard let directoryEnd = CheckedSize.sum(start, size), directoryEnd <= end else {
            throw CheckpointError(
                .damaged, path: path, "the zip directory lies beyond the file: it is cut short")
        }
        return Directory(entries: entries, bytes: start..<directoryEnd)
    }

    /// The last end record whose comment reaches exactly to the end of the file.
    private static func findEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= endSize else { return nil }
        var start = bytes.count - endSize
        let first = max(0, start - 0xFFFF)
        while start >= first {
            if bytes[start] == 0x50,
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
                    == endSignature,
                start + endSize
                    + Int(
                        UInt16(
                            littleEndian: bytes.loadUnaligned(
                                fromByteOffset: start + 20, as: UInt16.self))) == bytes.count
            {
                return start
            }
            start -= 1
        }
        return nil
    }

    // MARK: Members

    private static func members(
        _ directory: Directory, _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(CheckpointError) -> [Member] {
        let part = "the zip directory"
        let region = UnsafeRawBufferPointer(rebasing: bytes[..<directory.bytes.upperBound])
        var cursor = ByteCursor(region, at: directory.bytes.lowerBound, path: path, part: part)
        var members: [Member] = []
        var names: Set<ExactString> = []
        for _ in 0..<directory.entries {
            guard try cursor.uint32() == centralSignature else {
                throw cursor.damaged("an entry has no signature")
            }
            try cursor.skip(4)
            let flags = try cursor.uint16()
            let method = try cursor.uint16()
            try cursor.skip(4 + 4)
            var packedSize = Int(try cursor.uint32())
            var size = Int(try cursor.uint32())
            let nameLength = Int(try cursor.uint16())
            let extraLength = Int(try cursor.uint16())
            let commentLength = Int(try cursor.uint16())
            try cursor.skip(2 + 2 + 4)
            var headerStart = Int(try cursor.uint32())
            let name = try cursor.text(nameLength)
            let extra = try cursor.readBytes(extraLength)
            try cursor.skip(commentLength)
            try widen(&size, &packedSize, &headerStart, extra, path: path)
            guard flags & 0x2041 == 0 else {
                throw CheckpointError(
                    .refused, path: path, "the zip member \(name) is encrypted; decrypt it first")
            }
            guard method == 0, size == packedSize else {
                throw CheckpointError(
                    .refused, path: path,
                    "the zip member \(name) is compressed; PyTorch stores members as they are, so "
                        + "save the checkpoint again with torch.save")
            }
            guard names.insert(ExactString(name)).inserted else {
                throw CheckpointError(
                    .damaged, path: path, "the zip member \(name) stands twice in the directory")
            }
            let contents = try contents(
                name, headerStart, size, bytes, directoryStart: directory.bytes.lowerBound, path)
            members.append(Member(name: name, bytes: contents))
        }
        try refuseOverlaps(members, path: path)
        return members
    }

    /// Takes the sizes that did not fit 32 bits from the zip64 extra field.
    private static func widen(
        _ size: inout Int, _ packedSize: inout Int, _ headerStart: inout Int,
        _ extra: UnsafeRawBufferPointer, path: String
    ) throws(CheckpointError) {
        guard size == 0xFFFF_FFFF || packedSize == 0xFFFF_FFFF || headerStart == 0xFFFF_FFFF
        else { return }
        var fields = ByteCursor(extra, path: path, part: "a zip member's extra fields")
        while fields.remaining >= 4 {
            let kind = try fields.uint16()
            let field = try fields.readBytes(Int(try fields.uint16()))
            guard kind == 1 else { continue }
            var sizes = ByteCursor(field, path: path, part: "a zip64 extra field")
            if size == 0xFFFF_FFFF { size = try sizes.size64() }
            if packedSize == 0xFFFF_FFFF { packedSize = try sizes.size64() }
            if headerStart == 0xFFFF_FFFF { headerStart = try sizes.size64() }
            return
        }
        throw fields.damaged("a member beyond 4 GiB has no zip64 sizes")
    }

    private static func contents(
        _ name: String, _ headerStart: Int, _ size: Int, _ bytes: UnsafeRawBufferPointer,
        directoryStart: Int, _ path: String
    ) throws(CheckpointError) -> Range<Int> {
        guard headerStart <= bytes.count else {
            throw CheckpointError(
                .damaged, path: path, "the zip member \(name) begins beyond the file")
        }
        var local = ByteCursor(bytes, at: headerStart, path: path, part: "zip member \(name)")
        guard try local.uint32() == localSignature else {
            throw local.damaged("has no local header")
        }
        try local.skip(22)
        let nameLength = Int(try local.uint16())
        let extraLength = Int(try local.uint16())
        try local.skip(nameLength + extraLength)
        guard let end = CheckedSize.sum(local.position, size), end <= directoryStart else {
            throw local.damaged("has \(size) bytes, which reach beyond the members' part")
        }
        return local.position..<end
    }

    private static func refuseOverlaps(
        _ members: [Member], path: String
    ) throws(CheckpointError) {
        let sorted = members.filter { !$0.bytes.isEmpty }
            .sorted { $0.bytes.lowerBound < $1.bytes.lowerBound }
        for (first, second) in zip(sorted, sorted.dropFirst())
        where second.bytes.lowerBound < first.bytes.upperBound {
            throw CheckpointError(
                .damaged, path: path,
                "the zip members \(first.name) and \(second.name) overlap")
        }
    }
}
