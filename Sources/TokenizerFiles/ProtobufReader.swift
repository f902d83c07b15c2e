internal import Checkpoints

/// The fields of one protobuf message, in order.
///
/// Wire format: https://protobuf.dev/programming-guides/encoding/. Groups, which nothing writes any more, are
/// refused.
struct ProtobufReader {
    enum Value {
        case varint(UInt64)
        /// Little-endian bits.
        case fixed32(UInt32)
        case fixed64(UInt64)
        /// A range of the message's bytes: text, bytes or another message.
        case bytes(Range<Int>)
    }

    private let bytes: UnsafeRawBufferPointer
    /// Where the message ends.
    private let end: Int
    private let path: String
    private(set) var position: Int

    /// - Parameter range: of the message; within `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, path: String) {
        self.bytes = bytes
        end = min(range.upperBound, bytes.count)
        position = min(range.lowerBound, end)
        self.path = path
    }

    /// The next field; nil at the end.
    mutating func next() throws(CheckpointError) -> (number: Int, value: Value)? {
        guard position < end else { return nil }
        let key = try varint()
        guard let number = Int(exactly: key >> 3), (1..<1 << 29).contains(number) else {
            throw damaged("has the field number \(key >> 3)")
        }
        switch key & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2:
            guard let count = Int(exactly: try varint()), count <= end - position else {
                throw damaged("has a field that is longer than what is left")
            }
            defer { position += count }
            return (number, .bytes(position..<position + count))
        case 5: return (number, .fixed32(UInt32(try fixed(4))))
        default: throw damaged("has a field of the wire type \(key & 7)")
        }
    }

    /// The text of a field.
    func text(_ range: Range<Int>) throws(CheckpointError) -> String {
        guard
            let text = String(
                validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        else { throw damaged("has text that is not valid UTF-8") }
        return text
    }

    private mutating func varint() throws(CheckpointError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard position < end else { throw damaged("ends within a number") }
            let byte = bytes[position]
            position += 1
            // The tenth byte has one bit of the number.
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte & 0x80 == 0 { return value }
        }
        throw damaged("has a number of more than 64 bits")
    }

    private mutating func fixed(_ count: Int) throws(CheckpointError) -> UInt64 {
        guard count <= end - position else { throw damaged("ends within a number") }
        defer { position += count }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }

    private func damaged(_ message: String) -> CheckpointError {
        CheckpointError(
            .damaged, path: path, "as a SentencePiece model, byte \(position): \(message)")
    }
}
