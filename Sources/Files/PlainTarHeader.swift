/// Headers of tar archives (POSIX.1-1988, ustar), for plain files with short names.
package enum PlainTarHeader {
    package static let byteCount = 512

    /// Bytes that a member takes behind its header.
    package static func padded(_ size: Int) -> Int {
        (size + byteCount - 1) / byteCount * byteCount
    }

    /// - Precondition: a name of 100 bytes at most, and less than 8 GiB.
    package static func bytes(name: String, size: Int) -> [UInt8] {
        precondition(name.utf8.count <= 100 && size < 1 << 33, "a member that ustar can name")
        var header = [UInt8](repeating: 0, count: byteCount)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put("0000644\0", at: 100)
        put("0000000\0", at: 108)
        put("0000000\0", at: 116)
        put(octal(size, digits: 11) + "\0", at: 124)
        put("00000000000\0", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        put(octal(checksum(of: header), digits: 6) + "\0 ", at: 148)
        return header
    }

    /// Name and size of a member; nil for what is no header of a plain file.
    package static func read(_ header: some RandomAccessCollection<UInt8>) -> (
        name: String, size: Int
    )? {
        let header = Array(header)
        guard header.count == byteCount, header[257..<262].elementsEqual("ustar".utf8),
            header[156] == UInt8(ascii: "0") || header[156] == 0,
            let size = number(header[124..<136]), let sum = number(header[148..<156])
        else { return nil }
        var blank = header
        blank.replaceSubrange(148..<156, with: repeatElement(0x20, count: 8))
        guard checksum(of: blank) == sum else { return nil }
        return (String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self), size)
    }

    private static func checksum(of header: [UInt8]) -> Int { header.reduce(0) { $0 + Int($1) } }

    private static func octal(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// Octal digits up to a NUL or a space.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}
