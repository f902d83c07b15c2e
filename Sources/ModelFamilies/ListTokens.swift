/// The tokens of a Python list expression: brackets, commas, signs and whole numbers.
struct ListTokens {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Whether only white space is left.
    var isAtEnd: Bool {
        mutating get {
            skipWhiteSpace()
            return position == bytes.count
        }
    }

    /// Consumes `token` if it is next.
    mutating func consume(_ token: Unicode.Scalar) -> Bool {
        skipWhiteSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: token) else { return false }
        position += 1
        return true
    }

    /// Consumes a number of at most nine digits if it is next.
    mutating func number() -> Int? {
        skipWhiteSpace()
        var value = 0
        let start = position
        while position < bytes.count, position - start < 9,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
        {
            value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        return position > start ? value : nil
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
            position += 1
        }
    }
}
