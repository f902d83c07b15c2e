/// Text for one field of one line.
package enum FlatText {
    /// Whether there is nothing but white space.
    package static func isBlank(_ text: String) -> Bool {
        for byte in text.utf8 where byte > 0x20 {
            return byte < 0x80 ? false : text.unicodeScalars.allSatisfy(isSpace)
        }
        return true
    }

    /// The text with each run of white space and control characters as one space, and none at either
    /// end: what separates fields and lines cannot stand in one.
    package static func flat(_ text: String) -> String {
        if isFlat(text) { return text }
        var flat = String.UnicodeScalarView()
        var hasGap = false
        for scalar in text.unicodeScalars {
            if isSpace(scalar) {
                hasGap = true
            } else {
                if hasGap, !flat.isEmpty { flat.append(" ") }
                hasGap = false
                flat.append(scalar)
            }
        }
        return String(flat)
    }

    /// The text as one token: white space becomes an underscore, as do the bytes of `besides`.
    package static func token(_ text: String, besides: StaticString = "") -> String {
        let replaced = UnsafeBufferPointer(
            start: besides.utf8Start, count: besides.utf8CodeUnitCount)
        let isToken = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && (replaced.isEmpty || !replaced.contains(byte))
        }
        if isToken, !text.isEmpty { return text }
        var token = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isReplaced =
                isSpace(scalar) || scalar.isASCII && replaced.contains(UInt8(scalar.value))
            token.append(isReplaced ? "_" : scalar)
        }
        return token.isEmpty ? "_" : String(token)
    }

    /// Bytes as text; nil if they are not UTF-8.
    static func validated(_ bytes: UnsafeRawBufferPointer) -> String? {
        let bytes = bytes.assumingMemoryBound(to: UInt8.self)
        // Of ASCII nothing needs to be repaired, and making it a string is several times faster.
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether a text is a token as it is, as most words are.
    static func isToken(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where byte <= 0x20 || byte >= 0x7F { return false }
        return !text.isEmpty
    }

    /// Single spaces between words of ASCII: most texts.
    private static func isFlat(_ text: String) -> Bool {
        var previous: UInt8 = 0x20
        for byte in text.utf8 {
            if byte < 0x20 || byte >= 0x7F || byte == 0x20 && previous == 0x20 { return false }
            previous = byte
        }
        return previous != 0x20 || text.isEmpty
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.isWhitespace
            || scalar.value == 0xFEFF || 0x80...0x9F ~= scalar.value
    }
}
