internal import TranscriptRows

/// A tar archive (POSIX.1-2001, ustar and pax), without times and owners, so that equal content gives
/// equal bytes.
final class TarFile {
    private let file: OutputFile

    private static let blockBytes = 512
    private static let nameBytesMax = 100
    /// Eleven octal digits.
    private static let sizeMax = 1 << 33

    /// - Throws: `storage` if the archive cannot be made.
    init(_ path: String) throws(ExportError) {
        file = try OutputFile(path, isPlain: true)
    }

    /// Begins a member of `byteCount` bytes, which ``append(_:)`` brings and ``endMember(byteCount:)``
    /// ends.
    ///
    /// - Throws: `storage` if the disk refuses.
    func beginMember(_ name: String, byteCount: Int) throws(ExportError) {
        var records: [UInt8] = []
        if name.utf8.count > Self.nameBytesMax { records += Self.record("path", name) }
        if byteCount >= Self.sizeMax { records += Self.record("size", String(byteCount)) }
        if !records.isEmpty {
            try file.append(Self.header("pax", byteCount: records.count, type: UInt8(ascii: "x")))
            try file.append(records)
            try endMember(byteCount: records.count)
        }
        try file.append(Self.header(name, byteCount: byteCount, type: UInt8(ascii: "0")))
    }

    func append(_ bytes: [UInt8]) throws(ExportError) { try file.append(bytes) }

    func endMember(byteCount: Int) throws(ExportError) {
        let rest = byteCount % Self.blockBytes
        if rest > 0 { try file.append([UInt8](repeating: 0, count: Self.blockBytes - rest)) }
    }

    func append(_ name: String, _ bytes: [UInt8]) throws(ExportError) {
        try beginMember(name, byteCount: bytes.count)
        try append(bytes)
        try endMember(byteCount: bytes.count)
    }

    /// Puts the archive in its place.
    ///
    /// - Throws: `storage` if the disk refuses.
    func commit() throws(ExportError) {
        try file.append([UInt8](repeating: 0, count: 2 * Self.blockBytes))
        try file.commit()
    }

    private static func header(_ name: String, byteCount: Int, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockBytes)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> [UInt8] {
            let text = String(number, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
        }
        put(name.utf8.prefix(nameBytesMax), at: 0)
        put("0000644".utf8, at: 100)
        put("0000000".utf8, at: 108)
        put("0000000".utf8, at: 116)
        // The pax record has a size that is too long for the field.
        put(octal(byteCount < sizeMax ? byteCount : 0, 11), at: 124)
        put(octal(0, 11), at: 136)
        block[156] = type
        put("ustar".utf8, at: 257)
        put("00".utf8, at: 263)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6) + [0, 0x20], at: 148)
        return block
    }

    /// `length key=value`, where the length counts its own digits.
    private static func record(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n".utf8
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length {
            length = String(length).utf8.count + rest.count
        }
        return Array("\(length)".utf8) + rest
    }
}
