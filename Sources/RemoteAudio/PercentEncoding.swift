/// Bytes in addresses (RFC 3986).
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// A key as object stores want it: every byte but letters, digits, `-_.~` and slashes is encoded, once.
    static func ofKey(_ key: ArraySlice<UInt8>) -> String {
        encoded(key) { isUnreserved($0) || $0 == UInt8(ascii: "/") }
    }

    /// A value in a query.
    static func ofValue(_ value: some Collection<UInt8>) -> String {
        encoded(Array(value)[...], isUnreserved)
    }

    /// A path with its query as somebody wrote it: only what cannot stand in an address is encoded.
    static func keepingAddress(_ text: ArraySlice<UInt8>) -> String {
        encoded(text) { (0x21...0x7E).contains($0) && !#"<>"\^`{|}"#.utf8.contains($0) }
    }

    /// Bytes for what stands behind percent signs; a sign that is followed by no digits stands for itself.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let pair = rest.prefix(2)
            guard byte == UInt8(ascii: "%"), pair.count == 2,
                let value = UInt8(String(decoding: pair, as: UTF8.self), radix: 16)
            else {
                result.append(byte)
                continue
            }
            rest = rest.dropFirst(2)
            result.append(value)
        }
        return result
    }

    private static func encoded(_ text: ArraySlice<UInt8>, _ isKept: (UInt8) -> Bool) -> String {
        var result: [UInt8] = []
        for byte in text {
            if isKept(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
