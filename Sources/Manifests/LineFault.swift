internal import StrictJSON

/// What is wrong with a line, in words that lead to the place.
enum LineFault {
    /// Of a value or a key, so much is shown.
    private static let shownBytesMax = 60
    /// What Python, JavaScript and others write that JSON has no word for.
    private static let foreignWords: Set = [
        "NaN", "nan", "Infinity", "inf", "None", "True", "False", "undefined",
    ]

    /// `column 27, key "text": not a JSON value`.
    static func sentence(_ error: JSONError, _ raw: [UInt8]) -> String {
        var text = "column \(column(of: error.offset, in: raw))"
        if let key = error.key { text += ", key \"\(shortened(Array(key.utf8)))\"" }
        text += ": \(error.message)"
        let word = word(at: error.offset, in: raw)
        if raw.starts(with: [0xEF, 0xBB, 0xBF]) {
            text +=
                "; a byte order mark stands here, perhaps of a file that was joined on: remove it"
        } else if foreignWords.contains(word) {
            text += ": \(word); write null, or leave the key out"
        } else if error.code == .syntax, error.key == ManifestRow.pathKey,
            error.message.contains("surrogate")
        {
            text += "; give a name that is not UTF-8 as \(ManifestRow.pathBytesKey), in Base64"
        }
        return text
    }

    /// A member's value as it stands in the line, or its start.
    static func shown(_ member: JSONObject.Member, _ raw: [UInt8]) -> String {
        shortened(Array(raw[member.valueRange]))
    }

    /// The column, from 1, of the first byte that is not UTF-8; nil if all are.
    static func firstInvalidColumn(_ raw: [UInt8]) -> Int? {
        var decoder = UTF8()
        var bytes = raw.makeIterator()
        var column = 1
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue: column += 1
            case .emptyInput: return nil
            case .error: return column
            }
        }
    }

    /// Characters before a byte, and one.
    private static func column(of offset: Int, in raw: [UInt8]) -> Int {
        String(decoding: raw.prefix(offset), as: UTF8.self).unicodeScalars.count + 1
    }

    private static func word(at offset: Int, in raw: [UInt8]) -> String {
        let letters = raw.dropFirst(offset).prefix(16).prefix { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(byte)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func shortened(_ bytes: [UInt8]) -> String {
        guard bytes.count > shownBytesMax else { return String(decoding: bytes, as: UTF8.self) }
        // A character that is cut is left out.
        var end = shownBytesMax
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }
}
