internal import Glibc
internal import StrictJSON

/// Writes into memory of which there is enough, by what was said before: nothing is checked byte by byte.
package struct PreparedBytes {
    private var place: UnsafeMutablePointer<UInt8>

    fileprivate init(_ place: UnsafeMutablePointer<UInt8>) { self.place = place }

    fileprivate func count(from start: UnsafeMutablePointer<UInt8>) -> Int { place - start }

    package mutating func append(_ byte: UInt8) {
        place.pointee = byte
        place += 1
    }

    package mutating func append(_ text: StaticString) {
        memcpy(place, text.utf8Start, text.utf8CodeUnitCount)
        place += text.utf8CodeUnitCount
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        memcpy(place, base, bytes.count)
        place += bytes.count
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends JSON's form of a text in UTF-8: two bytes more than it has, and where something in it
    /// must be escaped up to six times as many.
    package mutating func appendQuoted(_ text: UnsafeRawBufferPointer) {
        if text.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
            var quoted = JSONWriter()
            quoted.value(String(decoding: text, as: UTF8.self))
            return append(quoted.bytes)
        }
        append(UInt8(ascii: "\""))
        append(text)
        append(UInt8(ascii: "\""))
    }

    package mutating func appendQuoted(_ text: String) {
        var text = text
        text.withUTF8 { appendQuoted(UnsafeRawBufferPointer($0)) }
    }

    package mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// Digits that a number has at most.
    package static let decimalBytesMax = 20

    /// Appends a number that is not negative.
    package mutating func appendDecimal(_ number: Int) {
        var digits = 1
        var bound = 10
        while digits < Self.decimalBytesMax - 1, number >= bound {
            digits += 1
            bound = digits < Self.decimalBytesMax - 1 ? bound * 10 : bound
        }
        appendDecimal(number, digits: digits)
    }

    /// Appends the last `digits` digits of a number, zeros in front.
    private mutating func appendDecimal(_ number: Int, digits: Int) {
        var rest = UInt(number)
        var index = digits
        while index > 0 {
            index -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            place[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        place += digits
    }

    /// Appends milliseconds as seconds with three decimals.
    package mutating func appendSeconds(ms: Int) {
        let (seconds, rest) = ms.quotientAndRemainder(dividingBy: 1_000)
        appendDecimal(seconds)
        append(UInt8(ascii: "."))
        appendDecimal(rest, digits: 3)
    }

    /// Appends a share of ten thousand as a number from 0 to 1 with four decimals.
    package mutating func appendConfidence(_ tenThousandths: Int) {
        let (whole, rest) = tenThousandths.quotientAndRemainder(dividingBy: 10_000)
        appendDecimal(whole)
        append(UInt8(ascii: "."))
        appendDecimal(rest, digits: 4)
    }
}

extension [UInt8] {
    /// Appends what `body` writes.
    ///
    /// - Parameter countMax: bytes that `body` writes at most.
    package mutating func append(atMost countMax: Int, _ body: (inout PreparedBytes) -> Void) {
        guard countMax > 0 else { return }
        append(addingCapacity: countMax) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                // There is memory for at least one byte.
                let start = buffer.baseAddress.unsafelyUnwrapped
                var bytes = PreparedBytes(start)
                body(&bytes)
                count = bytes.count(from: start)
                precondition(count <= countMax, "more was written than there was room for")
            }
        }
    }
}
