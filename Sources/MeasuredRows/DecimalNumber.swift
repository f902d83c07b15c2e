/// Reads the numbers that features and confidences are written as, faster than the general way.
package enum DecimalNumber {
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// The nearest number; nil for what is none or not finite.
    package static func value(_ text: UnsafeRawBufferPointer) -> Double? {
        var digits = 0
        var digitCount = 0
        var decimals = 0
        var isFraction = false
        let isNegative = text.first == UInt8(ascii: "-")
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            switch byte {
            case 0x30...0x39:
                digits = digits * 10 + Int(byte - 0x30)
                digitCount += 1
                if isFraction { decimals += 1 }
                // Up to 15 digits both parts of the quotient are exact, so it is rounded once.
                if digitCount > 15 { return general(text) }
            case UInt8(ascii: ".") where !isFraction: isFraction = true
            default: return general(text)
            }
        }
        guard digitCount > 0 else { return nil }
        let magnitude = Double(digits) / powers[decimals]
        return isNegative ? -magnitude : magnitude
    }

    private static func general(_ text: UnsafeRawBufferPointer) -> Double? {
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return value
    }
}
