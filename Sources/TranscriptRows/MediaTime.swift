/// A point of time in a recording, or a length of time, in whole nanoseconds.
///
/// Everything that is written with a fixed number of decimals is rounded from these integers, so that
/// neither a locale nor a binary fraction has a part in it, and an error cannot grow over a long
/// recording.
package struct MediaTime: Hashable, Comparable, Sendable {
    package let nanoseconds: Int

    package static let zero = MediaTime(nanoseconds: 0)
    /// A billion seconds: more than any recording has, and sums of a few stay far below 2^63.
    package static let max = MediaTime(nanoseconds: 1_000_000_000 * nanosecondsPerSecond)

    static let nanosecondsPerSecond = 1_000_000_000
    static let nanosecondsPerMillisecond = 1_000_000

    package init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

    package init(milliseconds: Int) {
        nanoseconds = milliseconds * Self.nanosecondsPerMillisecond
    }

    /// The length of `frames` at `rate` frames a second, rounded down to a nanosecond.
    ///
    /// - Precondition: `rate` is positive, and the length at most ``max``.
    package init(frames: Int, rate: Int) {
        let (seconds, rest) = frames.quotientAndRemainder(dividingBy: rate)
        nanoseconds = seconds * Self.nanosecondsPerSecond + rest * Self.nanosecondsPerSecond / rate
    }

    /// Reads a JSON number of seconds from 0 to a billion, such as `12.5` or `1e2`; nil for another.
    ///
    /// Decimals beyond the ninth are rounded half up.
    package init?(seconds text: UnsafeRawBufferPointer) {
        var digits = 0
        var scale = 0
        var isFraction = false
        var index = 0
        var roundsUp = false
        var sawDropped = false
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                if digits < 100_000_000_000_000_000 {
                    digits = digits * 10 + Int(byte - UInt8(ascii: "0"))
                    if isFraction { scale += 1 }
                } else {
                    // 17 digits are kept; what follows the point beyond them only rounds.
                    guard isFraction else { return nil }
                    if !sawDropped { roundsUp = byte >= UInt8(ascii: "5") }
                    sawDropped = true
                }
            } else {
                break
            }
            index += 1
        }
        guard index > 0 else { return nil }
        var exponent = 0
        if index < text.count {
            guard text[index] | 0x20 == UInt8(ascii: "e"),
                let value = Int(
                    String(
                        decoding: UnsafeRawBufferPointer(rebasing: text[(index + 1)...]),
                        as: UTF8.self)),
                abs(value) < 400
            else { return nil }
            exponent = value
        }
        // digits × 10^(exponent - scale) seconds are digits × 10^shift nanoseconds.
        var shift = exponent - scale + 9
        if shift > 0 { roundsUp = false }
        if shift == 0, roundsUp { digits += 1 }
        while shift > 0, digits > 0 {
            let (product, isOver) = digits.multipliedReportingOverflow(by: 10)
            guard !isOver else { return nil }
            digits = product
            shift -= 1
        }
        if shift < 0 {
            var divisor = 1
            while shift < 0, divisor < 1_000_000_000_000_000_000 {
                divisor *= 10
                shift += 1
            }
            digits = shift < 0 ? 0 : (digits + divisor / 2) / divisor
        }
        guard digits <= Self.max.nanoseconds else { return nil }
        nanoseconds = digits
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    package static func + (left: Self, right: Self) -> Self {
        Self(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    package static func - (left: Self, right: Self) -> Self {
        Self(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    /// Rounded half up.
    package var milliseconds: Int {
        (nanoseconds + Self.nanosecondsPerMillisecond / 2) / Self.nanosecondsPerMillisecond
    }

    /// How many frames of `rate` a second this is, rounded half up.
    package func frames(rate: Int) -> Int {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(
            dividingBy: Self.nanosecondsPerSecond)
        let half = Self.nanosecondsPerSecond / 2
        return seconds * rate + (rest * rate + half) / Self.nanosecondsPerSecond
    }
}

extension [UInt8] {
    /// Appends seconds with three decimals, such as `3661.980`.
    package mutating func appendSeconds(_ time: MediaTime) { appendSeconds(ms: time.milliseconds) }

    /// Appends milliseconds as seconds with three decimals.
    package mutating func appendSeconds(ms: Int) {
        appendDecimal(ms / 1000)
        append(UInt8(ascii: "."))
        appendDecimal(ms % 1000, digits: 3)
    }

    /// Appends seconds with as many decimals as it takes, up to nine, and at least one.
    package mutating func appendExactSeconds(_ time: MediaTime) {
        let (seconds, rest) = time.nanoseconds.quotientAndRemainder(
            dividingBy: MediaTime.nanosecondsPerSecond)
        appendDecimal(seconds)
        append(UInt8(ascii: "."))
        appendDecimal(rest, digits: 9)
        while last == UInt8(ascii: "0"), self[count - 2] != UInt8(ascii: ".") { removeLast() }
    }

    /// Appends `hh:mm:ss` and milliseconds behind `point`; hours take more digits if they must.
    package mutating func appendClock(ms: Int, point: UInt8) {
        appendDecimal(ms / 3_600_000, digits: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(ms / 60_000 % 60, digits: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(ms / 1000 % 60, digits: 2)
        append(point)
        appendDecimal(ms % 1000, digits: 3)
    }

    /// As many as any number has.
    private static var digitsMax: Int { 20 }

    /// Appends a number that is not negative, with zeros in front up to `digits`.
    package mutating func appendDecimal(_ number: Int, digits: Int = 1) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.digitsMax) { buffer in
            var start = Self.digitsMax
            var rest = number
            repeat {
                start -= 1
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0 || Self.digitsMax - start < digits
            append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    /// Appends a share of ten thousand as a number from 0 to 1 with four decimals.
    package mutating func appendConfidence(_ tenThousandths: Int) {
        appendDecimal(tenThousandths / 10_000)
        append(UInt8(ascii: "."))
        appendDecimal(tenThousandths % 10_000, digits: 4)
    }

    package mutating func append(_ text: String) { append(contentsOf: text.utf8) }
    package mutating func append(_ text: StaticString) {
        append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
