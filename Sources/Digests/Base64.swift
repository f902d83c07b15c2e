internal import CCrypto

/// Bytes as text (RFC 4648, section 4), in the one way in which they can be written.
package enum Base64 {
    package static func text(_ bytes: [UInt8]) -> String {
        // Four characters for each three bytes, and a zero that OpenSSL puts behind them.
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }

    /// Reads what ``text(_:)`` wrote.
    ///
    /// - Returns: nil for anything else: other alphabets, white space, missing or wrong padding.
    package static func bytes(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 4 == 0, characters.count < Int(Int32.max) else { return nil }
        if characters.isEmpty { return [] }
        var bytes = [UInt8](repeating: 0, count: characters.count / 4 * 3)
        let count = EVP_DecodeBlock(&bytes, characters, Int32(characters.count))
        guard count == bytes.count else { return nil }
        // OpenSSL counts the bytes of the padding, and passes over spaces.
        bytes.removeLast(min(2, characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count))
        return self.text(bytes) == text ? bytes : nil
    }
}
