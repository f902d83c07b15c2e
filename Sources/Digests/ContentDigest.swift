/// The SHA-256 of some content: 32 bytes.
package struct ContentDigest: Hashable, Sendable {
    package let bytes: [UInt8]

    /// - Precondition: 32 bytes.
    package init(_ bytes: [UInt8]) {
        precondition(bytes.count == 32, "a SHA-256 digest has 32 bytes")
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits, either case; nil otherwise.
    package init?(hex: String) {
        guard let bytes = Hexadecimal.bytes(hex), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { Hexadecimal.text(bytes) }

    /// The first 16 bytes, as rows and audio are named.
    package var short: ShortDigest { ShortDigest(firstOf: bytes) }
}

/// The first 16 bytes of a SHA-256: names a manifest row or a span of audio.
package struct ShortDigest: Hashable, Comparable, Sendable {
    // The bytes in two words, the first one highest: millions are made, and an array would be a block
    // of the heap each.
    private let high: UInt64
    private let low: UInt64

    /// Stands where there is no digest; that of nothing that anybody will find.
    package static let zero = ShortDigest(Array(repeating: 0, count: 16))

    /// - Precondition: 16 bytes.
    package init(_ bytes: [UInt8]) {
        precondition(bytes.count == 16, "a short digest has 16 bytes")
        self.init(firstOf: bytes)
    }

    /// As their bytes are ordered.
    package static func < (left: ShortDigest, right: ShortDigest) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// - Precondition: 16 bytes at least.
    fileprivate init(firstOf bytes: [UInt8]) {
        (high, low) = bytes.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// Calls `body` with the 16 bytes.
    package func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    /// Reads 32 hexadecimal digits, either case; nil otherwise.
    package init?(hex: String) {
        var hex = hex
        let words = hex.withUTF8 { digits -> (UInt64, UInt64)? in
            guard digits.count == 32,
                let high = Hexadecimal.word(digits, from: 0),
                let low = Hexadecimal.word(digits, from: 16)
            else { return nil }
            return (high, low)
        }
        guard let words else { return nil }
        (high, low) = words
    }

    /// 32 lower-case hexadecimal digits.
    package var hex: String { withBytes { Hexadecimal.text($0) } }
}

/// Bytes to hexadecimal digits and back.
package enum Hexadecimal {
    /// Two lower-case digits a byte.
    package static func text(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { text($0) } }

    fileprivate static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text[index * 2] = digit(byte >> 4)
                text[index * 2 + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The bytes of an even number of digits; nil for anything else.
    package static func bytes(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { bytes($0) }
    }

    private static func bytes(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The number that 16 digits stand for; nil if one is none.
    fileprivate static func word(
        _ digits: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> UInt64? {
        var word: UInt64 = 0
        for index in start..<start + 16 {
            guard let value = value(of: digits[index]) else { return nil }
            word = word << 4 | UInt64(value)
        }
        return word
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
