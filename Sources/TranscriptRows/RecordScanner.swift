internal import Glibc
internal import StrictJSON

/// Walks through the JSON of a record and reads only what is asked for.
///
/// A record may be a megabyte of word times, of which most formats need none, so nothing is built for
/// what is skipped. Skipped values are only balanced: whether an output is what was recorded is for
/// `verify` to say. What is read is read strictly.
package struct RecordScanner {
    /// What is wrong, and at which byte.
    package struct Fault: Error {
        package let offset: Int
        package let message: String
    }

    let bytes: UnsafeRawBufferPointer
    var position: Int

    private static let depthMax = 32

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        position = 0
    }

    /// Calls `member` with the raw bytes of each key of the object that begins here; what `member`
    /// leaves unread is skipped.
    ///
    /// - Throws: if there is no object, or what `member` throws.
    package mutating func object(
        _ member: (UnsafeRawBufferPointer, inout RecordScanner) throws(Fault) -> Void
    ) throws(Fault) {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipWhiteSpace()
            let start = position
            try skipString()
            let key = UnsafeRawBufferPointer(rebasing: bytes[(start + 1)..<(position - 1)])
            try expect(UInt8(ascii: ":"))
            skipWhiteSpace()
            let value = position
            if key.contains(UInt8(ascii: "\\")) {
                // A key may be written with escapes; few are.
                let decoded = Array(try text(in: start..<(value)).utf8)
                var scanner = self
                try withBytes(of: decoded) { bytes throws(Fault) in try member(bytes, &scanner) }
                position = scanner.position
            } else {
                try member(key, &self)
            }
            if position == value { try skipValue() }
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Calls `element` before each element of the array that begins here; one that it leaves unread
    /// is skipped.
    ///
    /// - Throws: if there is no array, or what `element` throws.
    package mutating func array(_ element: (inout RecordScanner) throws(Fault) -> Void)
        throws(Fault)
    {
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        repeat {
            skipWhiteSpace()
            let start = position
            try element(&self)
            if position == start { try skipValue() }
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// The byte with which the value here begins; 0 at the end of the text.
    package var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// Reads a string; nil if another value stands here, which stays unread.
    package mutating func string() throws(Fault) -> String? {
        guard next == UInt8(ascii: "\"") else { return nil }
        let start = position
        try skipString()
        return try text(in: start..<position)
    }

    /// The bytes of a number; nil if another value stands here, which stays unread.
    package mutating func number() -> UnsafeRawBufferPointer? {
        guard next == UInt8(ascii: "-") || isDigit(next) else { return nil }
        let start = position
        skipScalar()
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// A whole number; nil if another value stands here, which stays unread.
    package mutating func integer() -> Int? {
        let start = position
        if let text = number(), text.count < 19,
            let value = Int(String(decoding: text, as: UTF8.self))
        {
            return value
        }
        position = start
        return nil
    }

    package mutating func skipWhiteSpace() {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A else { return }
            position += 1
        }
    }

    /// - Throws: unless only white space is left.
    package mutating func expectEnd() throws(Fault) {
        skipWhiteSpace()
        if position < bytes.count { throw fault("text behind the record") }
    }

    package func fault(_ message: String) -> Fault { Fault(offset: position, message: message) }

    /// Whether a string in the value here, which stays unread, is `name`.
    func isNextNaming(_ name: StaticString) throws(Fault) -> Bool {
        var ahead = self
        try ahead.skipValue()
        guard let base = bytes.baseAddress else { return false }
        let count = name.utf8CodeUnitCount
        var from = position
        while let quote = memchr(base + from, Int32(UInt8(ascii: "\"")), ahead.position - from) {
            from = base.distance(to: UnsafeRawPointer(quote)) + 1
            guard from + count < ahead.position else { return false }
            if bytes[from + count] == UInt8(ascii: "\""),
                memcmp(base + from, name.utf8Start, count) == 0
            {
                return true
            }
        }
        return false
    }

    // MARK: Steps

    private mutating func skipValue() throws(Fault) {
        switch next {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "-"):
            skipScalar()
        case let byte where isDigit(byte): skipScalar()
        default: throw fault("a value should stand here")
        }
    }

    private mutating func skipContainer() throws(Fault) {
        var depth = 0
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                try skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= Self.depthMax else { throw fault("nested too deep") }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    position += 1
                    return
                }
            default: break
            }
            position += 1
        }
        throw Fault(offset: start, message: "a list or object has no end")
    }

    private mutating func skipScalar() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0D, 0x0A:
                return
            default: position += 1
            }
        }
    }

    private mutating func skipString() throws(Fault) {
        guard next == UInt8(ascii: "\""), let base = bytes.baseAddress else {
            throw fault("a string should stand here")
        }
        var from = position + 1
        while let quote = memchr(base + from, Int32(UInt8(ascii: "\"")), bytes.count - from) {
            let place = base.distance(to: UnsafeRawPointer(quote))
            var first = place
            while first > from, bytes[first - 1] == UInt8(ascii: "\\") { first -= 1 }
            from = place + 1
            // An odd number of backslashes makes the quote part of the string.
            if (place - first) % 2 == 0 {
                position = from
                return
            }
        }
        throw fault("a string has no closing quote")
    }

    /// Decodes the string that fills `range` but for white space and a colon behind it.
    private func text(in range: Range<Int>) throws(Fault) -> String {
        var end = range.upperBound
        while bytes[end - 1] != UInt8(ascii: "\"") { end -= 1 }
        let inner = UnsafeRawBufferPointer(rebasing: bytes[(range.lowerBound + 1)..<(end - 1)])
        if let base = inner.baseAddress,
            memchr(base, Int32(UInt8(ascii: "\\")), inner.count) != nil
        {
            let whole = UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound..<end])
            guard let text = try? JSONParser.parse(whole).string else {
                throw Fault(offset: range.lowerBound, message: "a string is not JSON")
            }
            return text
        }
        guard let text = FlatText.validated(inner) else {
            throw Fault(offset: range.lowerBound, message: "a string is not UTF-8")
        }
        return text
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipWhiteSpace()
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Fault) {
        guard take(byte) else {
            throw fault("\(Character(Unicode.Scalar(byte))) should stand here")
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private func withBytes(
        of array: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Fault) -> Void
    ) throws(Fault) {
        let result = array.withUnsafeBytes { bytes in
            Result { () throws(Fault) in try body(bytes) }
        }
        try result.get()
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of `text`.
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount, let baseAddress else {
            return text.utf8CodeUnitCount == 0 && isEmpty
        }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }
}
