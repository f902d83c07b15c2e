/// Reads strict JSON (RFC 8259) and keeps where each part stood.
///
/// Stricter than most readers on purpose, since input rows are copied into outputs: no duplicate
/// keys, no `NaN` or `Infinity`, no lone surrogates, valid UTF-8 only, bounded depth and size, and
/// nothing after the value but white space.
package struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0
    private let depthMax: Int

    /// Objects with more members than this are looked up by table.
    private static let linearSearchMax = 12

    private init(_ bytes: UnsafeRawBufferPointer, depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
    }

    /// Parses one value that fills `bytes`.
    ///
    /// - Parameter bytesMax: refused beyond this, before anything is read.
    /// - Parameter depthMax: arrays and objects within each other.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, bytesMax: Int = 64 << 20, depthMax: Int = 64
    ) throws(JSONError) -> JSONValue {
        guard bytes.count <= bytesMax else {
            throw JSONError(.tooLarge, at: bytesMax, "longer than \(bytesMax) bytes")
        }
        var parser = JSONParser(bytes, depthMax: depthMax)
        parser.skipWhiteSpace()
        let value = try parser.value()
        parser.skipWhiteSpace()
        guard parser.position == bytes.count else {
            throw JSONError(.syntax, at: parser.position, "text after the JSON value")
        }
        return value
    }

    /// Parses one value that fills `bytes`.
    package static func parse(
        _ bytes: [UInt8], bytesMax: Int = 64 << 20, depthMax: Int = 64
    ) throws(JSONError) -> JSONValue {
        // A closure would lose the error's type, so the result carries it.
        let result = bytes.withUnsafeBytes { buffer -> Result<JSONValue, JSONError> in
            do throws(JSONError) {
                return .success(try parse(buffer, bytesMax: bytesMax, depthMax: depthMax))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    // MARK: Values

    private mutating func value() throws(JSONError) -> JSONValue {
        guard let byte = current else {
            throw JSONError(.syntax, at: position, "the text ends where a value should stand")
        }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number())
        default:
            throw JSONError(.syntax, at: position, "not a JSON value")
        }
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        try enter()
        var members: [JSONObject.Member] = []
        var positions: [ExactString: Int] = [:]
        position += 1
        skipWhiteSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            depth -= 1
            return JSONObject(members: [], positions: [:])
        }
        while true {
            guard current == UInt8(ascii: "\"") else {
                throw JSONError(.syntax, at: position, "an object's key must be a string")
            }
            let keyStart = position
            let key = try string()
            let keyRange = keyStart..<position
            guard !Self.contains(key, members, &positions) else {
                throw JSONError(.duplicateKey, at: keyStart, "the key stands twice in one object")
                    .inside(key)
            }
            skipWhiteSpace()
            try expect(UInt8(ascii: ":"), "a colon must follow a key")
            skipWhiteSpace()
            let valueStart = position
            let value: JSONValue
            do throws(JSONError) {
                value = try self.value()
            } catch {
                throw error.inside(key)
            }
            members.append(
                .init(
                    key: key, value: value, keyRange: keyRange, valueRange: valueStart..<position))
            skipWhiteSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                skipWhiteSpace()
                continue
            }
            try expect(UInt8(ascii: "}"), "a comma or } must follow a member")
            depth -= 1
            return JSONObject(members: members, positions: positions)
        }
    }

    /// Whether `key` was seen, keeping the table once the object is large enough to need it.
    private static func contains(
        _ key: String, _ members: [JSONObject.Member], _ positions: inout [ExactString: Int]
    ) -> Bool {
        if members.count < linearSearchMax {
            return members.contains { $0.key.hasSameBytes(as: key) }
        }
        if positions.isEmpty {
            for (index, member) in members.enumerated() {
                positions[ExactString(member.key)] = index
            }
        }
        return positions.updateValue(members.count, forKey: ExactString(key)) != nil
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try enter()
        var values: [JSONValue] = []
        position += 1
        skipWhiteSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            depth -= 1
            return []
        }
        while true {
            values.append(try value())
            skipWhiteSpace()
            if current == UInt8(ascii: ",") {
                position += 1
                skipWhiteSpace()
                continue
            }
            try expect(UInt8(ascii: "]"), "a comma or ] must follow an element")
            depth -= 1
            return values
        }
    }

    private mutating func literal(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        let count = word.utf8CodeUnitCount
        let found = bytes[position..<min(position + count, bytes.count)]
        guard found.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count)) else {
            throw JSONError(.syntax, at: position, "not a JSON value")
        }
        position += count
        return value
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return JSONNumber(text: String(decoding: run(start..<position), as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
        }
        guard position > start else {
            throw JSONError(.syntax, at: position, "a digit must stand here")
        }
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var runStart = position
        var decoded: [UInt8] = []
        var hasEscape = false
        // Of plain text alone no byte has its highest bit.
        var allBits: UInt8 = 0
        while true {
            guard let byte = current else {
                throw JSONError(.syntax, at: start, "a string has no closing quote")
            }
            switch byte {
            case UInt8(ascii: "\""):
                let run = run(runStart..<position)
                position += 1
                if !hasEscape, allBits < 0x80 { return String(decoding: run, as: UTF8.self) }
                if !hasEscape { return try text(run, at: start) }
                decoded.append(contentsOf: run)
                return try text(decoded, at: start)
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: bytes[runStart..<position])
                hasEscape = true
                try escape(into: &decoded)
                runStart = position
            case 0..<0x20:
                throw JSONError(.syntax, at: position, "a control character must be escaped")
            default:
                allBits |= byte
                position += 1
            }
        }
    }

    /// Some of the bytes, as the standard library reads them fastest.
    private func run(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: bytes[range]).assumingMemoryBound(to: UInt8.self)
    }

    private func text(
        _ run: some Collection<UInt8>, at start: Int
    ) throws(JSONError) -> String {
        guard let text = String(validating: run, as: UTF8.self) else {
            throw JSONError(.invalidUTF8, at: start, "a string is not valid UTF-8")
        }
        return text
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard let byte = current else {
            throw JSONError(.syntax, at: start, "a string has no closing quote")
        }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(8)
        case UInt8(ascii: "f"): decoded.append(12)
        case UInt8(ascii: "n"): decoded.append(10)
        case UInt8(ascii: "r"): decoded.append(13)
        case UInt8(ascii: "t"): decoded.append(9)
        case UInt8(ascii: "u"):
            var scalar = try codeUnit(at: start)
            if (0xD800..<0xDC00).contains(scalar), current == UInt8(ascii: "\\") {
                position += 1
                try expect(UInt8(ascii: "u"), "half of a surrogate pair is missing")
                let low = try codeUnit(at: start)
                guard (0xDC00..<0xE000).contains(low) else {
                    throw JSONError(.syntax, at: start, "half of a surrogate pair is missing")
                }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(scalar) else {
                throw JSONError(.syntax, at: start, "half of a surrogate pair is missing")
            }
            decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default:
            throw JSONError(.syntax, at: start, "an unknown escape")
        }
    }

    private mutating func codeUnit(at start: Int) throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else {
            throw JSONError(.syntax, at: start, "a \\u escape needs four digits")
        }
        var unit: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw JSONError(.syntax, at: start, "a \\u escape needs four digits")
            }
            unit = unit << 4 | UInt32(digit)
        }
        position += 4
        return unit
    }

    // MARK: Steps

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func expect(_ byte: UInt8, _ message: String) throws(JSONError) {
        guard current == byte else { throw JSONError(.syntax, at: position, message) }
        position += 1
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= depthMax else {
            throw JSONError(.tooDeep, at: position, "nested deeper than \(depthMax)")
        }
    }
}
