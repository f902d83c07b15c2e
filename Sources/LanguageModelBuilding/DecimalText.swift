/// Numbers as lmplz writes them: the shortest decimals that give the same single-precision number, with
/// an exponent only below 1e-6.
package enum DecimalText {
    package static func append(_ value: Float, to text: inout [UInt8]) {
        let description = value.description
        let bytes = description.utf8
        guard bytes.contains(UInt8(ascii: "e")) else {
            return text.append(
                contentsOf: description.hasSuffix(".0") ? bytes.dropLast(2) : bytes[...])
        }
        // 1.25e-05: digits, and where the point stands before them.
        let parts = description.split(separator: "e")
        guard let exponent = Int(parts[1]) else { preconditionFailure("\(description)") }
        let isNegative = description.hasPrefix("-")
        var digits = Array(
            parts[0].utf8.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if isNegative { text.append(UInt8(ascii: "-")) }
        if exponent >= 0 {
            text += digits
            text += [UInt8](repeating: UInt8(ascii: "0"), count: exponent + 1 - digits.count)
        } else if exponent >= -6 {
            text += Array("0.".utf8)
            text += [UInt8](repeating: UInt8(ascii: "0"), count: -exponent - 1)
            text += digits
        } else {
            text.append(digits[0])
            if digits.count > 1 {
                text.append(UInt8(ascii: "."))
                text += digits[1...]
            }
            text += Array("e\(exponent)".utf8)
        }
    }
}
