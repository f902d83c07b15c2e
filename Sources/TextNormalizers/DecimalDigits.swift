/// A whole number of any size as its decimal digits, the most significant first, without zeros before.
///
/// Spoken numbers reach decillions, and a digit after the other is how they are put together.
struct DecimalDigits: Equatable {
    /// 0...9 each; at least one.
    private(set) var digits: [UInt8]

    init(_ number: Int) { digits = String(number).utf8.map { $0 - 0x30 } }

    /// - Parameter text: ASCII digits.
    init(parsing text: Substring) {
        let digits = text.utf8.map { $0 - 0x30 }.drop { $0 == 0 }
        self.digits = digits.isEmpty ? [0] : Array(digits)
    }

    var text: String { String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self) }

    var isZero: Bool { digits == [0] }

    /// Whether the last `count` digits are zeros, or the number is zero.
    func endsInZeros(_ count: Int) -> Bool {
        isZero || (digits.count >= count && digits.suffix(count).allSatisfy { $0 == 0 })
    }

    func adding(_ other: DecimalDigits) -> DecimalDigits {
        var sum: [UInt8] = []
        var carry: UInt8 = 0
        var (left, right) = (digits[...], other.digits[...])
        while !left.isEmpty || !right.isEmpty || carry > 0 {
            let digit = (left.popLast() ?? 0) + (right.popLast() ?? 0) + carry
            sum.append(digit % 10)
            carry = digit / 10
        }
        return DecimalDigits(
            parsing: String(decoding: sum.reversed().map { $0 + 0x30 }, as: UTF8.self)[...])
    }

    /// Multiplies what stands behind the thousands by a power of ten, and keeps the thousands.
    func multiplyingHundreds(zeros: Int) -> DecimalDigits {
        let head = DecimalDigits(parsing: Self.text(digits.dropLast(3), zeros: 3)[...])
        let tail = DecimalDigits(parsing: Self.text(digits.suffix(3), zeros: zeros)[...])
        return head.adding(tail)
    }

    private static func text(_ digits: ArraySlice<UInt8>, zeros: Int) -> String {
        String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
            + String(repeating: "0", count: zeros)
    }

    /// `text`, a decimal number, times a power of ten; nil if it is no number or the product not whole.
    static func product(_ text: String, zeros: Int) -> DecimalDigits? {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2, text.utf8.contains(where: { $0 != UInt8(ascii: ".") }),
            parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } })
        else { return nil }
        var decimals = parts.count == 2 ? parts[1] : ""
        while decimals.last == "0" { decimals.removeLast() }
        guard decimals.count <= zeros else { return nil }
        return DecimalDigits(
            parsing: (String(parts[0]) + decimals
                + String(repeating: "0", count: zeros - decimals.count))[...])
    }
}
