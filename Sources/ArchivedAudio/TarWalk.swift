package import AudioFormats
package import SpeechTypes

/// The members of a tar archive, in its order, by their headers alone.
package struct TarWalk {
    package enum Entry: Hashable, Sendable {
        case file(PathBytes, at: Range<Int>)
        /// Another name of a member.
        case link(PathBytes, to: PathBytes)
    }

    private let source: any ArchiveSource
    private let byteCount: Int
    private var offset = 0
    /// What stood before a header about it.
    private var next = Extension()
    private var isOver = false

    /// What extended headers say of the member that follows.
    private struct Extension {
        var name: [UInt8]?
        var linkName: [UInt8]?
        var size: Int?
        var isSparse = false
    }

    /// Of names and attributes before a header.
    private static let extensionBytesMax = 1 << 20

    /// - Throws: `audio.unsupported` for an archive that is compressed as a whole.
    package init(_ source: any ArchiveSource) throws(AudioError) {
        self.source = source
        byteCount = try source.byteCount()
        if let form = Self.compression(try source.bytes(at: 0, count: 6)) {
            throw AudioError(
                .audioUnsupported, source.name,
                "\(source.name) is compressed as a whole (\(form)), so that nothing in it can be read "
                    + "without all before it; unpack it once (\(form) -d)")
        }
    }

    /// Where the next header stands, or the one that is damaged.
    var position: Int { offset }

    /// The next member; nil at the end.
    ///
    /// - Throws: `audio.damaged` where no header stands; another call would throw it again.
    package mutating func entry() throws(AudioError) -> Entry? {
        while !isOver {
            // Without the blocks of zeros it ends where the file ends.
            guard offset < byteCount else { return nil }
            let block = try source.bytes(at: offset, count: TarHeader.byteCount)
            guard block.contains(where: { $0 != 0 }) else {
                isOver = true
                return nil
            }
            guard let header = TarHeader(block) else {
                throw .damaged(source.name, at: offset, "no header of a member stands there")
            }
            if let entry = try take(header) { return entry }
        }
        return nil
    }

    private mutating func take(_ header: TarHeader) throws(AudioError) -> Entry? {
        let start = offset
        offset += TarHeader.byteCount
        switch header.kind {
        case .longName: next.name = try data(header).filter { $0 != 0 }
        case .longLink: next.linkName = try data(header).filter { $0 != 0 }
        case .attributes: try take(attributes: try data(header), at: start)
        case .globalAttributes: try pass(header.size, start)
        case .hardLink, .other:
            defer { next = Extension() }
            guard header.kind == .hardLink else { return nil }
            return .link(
                Self.normal(next.name ?? header.name),
                to: Self.normal(next.linkName ?? header.linkName))
        case .file, .sparse:
            defer { next = Extension() }
            if header.hasSparseMap { try passSparseMap() }
            let size = next.size ?? header.size
            let data = offset
            try pass(size, start)
            // Bytes with holes between them are no recording as they stand there.
            guard header.kind == .file, !next.isSparse else { return nil }
            return .file(Self.normal(next.name ?? header.name), at: data..<data + size)
        }
        return nil
    }

    /// What follows a header that is about another one.
    private mutating func data(_ header: TarHeader) throws(AudioError) -> [UInt8] {
        let start = offset
        guard header.size <= Self.extensionBytesMax else {
            throw .damaged(
                source.name, at: start, "a name or attributes with \(header.size) bytes")
        }
        let bytes = try source.bytes(at: start, count: header.size)
        guard bytes.count == header.size else {
            throw .damaged(source.name, at: start, "it ends in the middle of a name")
        }
        try pass(header.size, start)
        return bytes
    }

    private mutating func pass(_ size: Int, _ start: Int) throws(AudioError) {
        guard let padded = TarHeader.padded(size), padded <= Int.max - offset else {
            throw .damaged(source.name, at: start, "a member with \(size) bytes")
        }
        offset += padded
    }

    /// GNU's old sparse files: blocks of a map, each of which says whether another follows.
    private mutating func passSparseMap() throws(AudioError) {
        while true {
            let block = try source.bytes(at: offset, count: TarHeader.byteCount)
            offset += TarHeader.byteCount
            guard block.count == TarHeader.byteCount, block[504] != 0 else { return }
        }
    }

    /// Records `LENGTH KEY=VALUE` with a line feed, one after another; the length counts all of one.
    private mutating func take(attributes: [UInt8], at start: Int) throws(AudioError) {
        var rest = attributes[...]
        while !rest.isEmpty, rest.first != 0 {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 2, length <= rest.count
            else { throw .damaged(source.name, at: start, "attributes that are none") }
            let record = rest.prefix(length).dropFirst(digits.count + 1).dropLast()
            rest = rest.dropFirst(length)
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = record[(equals + 1)...]
            switch String(decoding: record[..<equals], as: UTF8.self) {
            case "path": next.name = Array(value)
            case "linkpath": next.linkName = Array(value)
            case "size":
                guard let size = Int(String(decoding: value, as: UTF8.self)), size >= 0 else {
                    throw .damaged(source.name, at: start, "a size that is no number")
                }
                next.size = size
            case let key where key.hasPrefix("GNU.sparse"): next.isSparse = true
            default: break
            }
        }
    }

    /// A name as it is looked for: `tar -c .` writes `./a.wav`, which is the same as `a.wav`.
    package static func normal(_ name: some Collection<UInt8>) -> PathBytes {
        var name = Array(name)[...]
        while name.starts(with: "./".utf8) {
            name = name.dropFirst(2).drop { $0 == UInt8(ascii: "/") }
        }
        return PathBytes(bytes: name)
    }

    /// By whom an archive is compressed as a whole; nil for all others.
    private static func compression(_ head: [UInt8]) -> String? {
        let marks: [(String, [UInt8])] = [
            ("gzip", [0x1F, 0x8B]), ("zstd", [0x28, 0xB5, 0x2F, 0xFD]),
            ("bzip2", Array("BZh".utf8)),
            ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("lz4", [0x04, 0x22, 0x4D, 0x18]),
        ]
        return marks.first { head.starts(with: $0.1) }?.0
    }
}
