/// Reads little-endian numbers and runs of bytes in order, never beyond the end.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let path: String
    /// What is being read, for messages: "the pickle", "the zip directory".
    private let part: String

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, path: String, part: String) {
        self.bytes = bytes
        self.position = min(max(0, position), bytes.count)
        self.path = path
        self.part = part
    }

    var remaining: Int { bytes.count - position }

    func damaged(_ message: String) -> CheckpointError {
        CheckpointError(.damaged, path: path, "\(part), byte \(position): \(message)")
    }

    func overLimit(_ message: String) -> CheckpointError {
        CheckpointError(.overLimit, path: path, "\(part), byte \(position): \(message)")
    }

    mutating func byte() throws(CheckpointError) -> UInt8 {
        guard position < bytes.count else { throw truncated(1) }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func uint16() throws(CheckpointError) -> UInt16 { try integer() }
    mutating func uint32() throws(CheckpointError) -> UInt32 { try integer() }
    mutating func uint64() throws(CheckpointError) -> UInt64 { try integer() }

    /// A length or offset of eight bytes.
    mutating func size64() throws(CheckpointError) -> Int {
        let value = try uint64()
        guard let size = Int(exactly: value) else {
            throw damaged("a length of \(value) bytes is beyond any file")
        }
        return size
    }

    /// The next `count` bytes.
    mutating func readBytes(_ count: Int) throws(CheckpointError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw truncated(count) }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func skip(_ count: Int) throws(CheckpointError) { _ = try readBytes(count) }

    /// The next `count` bytes as UTF-8.
    mutating func text(_ count: Int) throws(CheckpointError) -> String {
        let run = try readBytes(count)
        guard let text = String(validating: run, as: UTF8.self) else {
            throw damaged("a name or text is not valid UTF-8")
        }
        return text
    }

    /// Bytes up to the next line feed, which is consumed and not returned.
    mutating func line(bytesMax: Int) throws(CheckpointError) -> String {
        var end = position
        let limit = min(bytes.count, position + bytesMax)
        while end < limit, bytes[end] != 0x0A { end += 1 }
        guard end < limit else { throw damaged("a line does not end") }
        let line = try text(end - position)
        position += 1
        return line
    }

    private mutating func integer<Number: FixedWidthInteger>() throws(CheckpointError) -> Number {
        let size = Number.bitWidth / 8
        guard size <= remaining else { throw truncated(size) }
        defer { position += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
    }

    private func truncated(_ count: Int) -> CheckpointError {
        damaged("\(count) more bytes are needed and \(remaining) are left: the file is cut short")
    }
}
