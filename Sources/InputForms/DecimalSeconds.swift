/// Seconds as lists write them, exact to the nanosecond, so that a difference of two is what a person
/// would say it is (3.28 less 0.5 is 2.78).
struct DecimalSeconds: Comparable {
    let nanoseconds: Int

    /// More than any recording has.
    private static let secondsMax = 1_000_000_000

    /// Reads a decimal number such as `12`, `12.5` or `-1`; nil for anything else, and beyond 30 years.
    ///
    /// Digits behind the ninth decimal are rounded. Exponents, as Python writes tiny numbers, are read.
    init?(_ text: some Collection<UInt8>) {
        var rest = Array(text)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard !rest.isEmpty, rest.count <= 64 else { return nil }
        if rest.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            guard rest.allSatisfy({ (0x30...0x39).contains($0) || ".eE+-".utf8.contains($0) }),
                let value = Double(String(decoding: rest, as: UTF8.self)),
                (0...Double(Self.secondsMax)).contains(value)
            else { return nil }
            let rounded = Int((value * 1e9).rounded())
            nanoseconds = isNegative ? -rounded : rounded
            return
        }
        let parts = rest.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : []
        guard !parts[0].isEmpty || !fraction.isEmpty,
            (Array(parts[0]) + fraction).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var seconds = 0
        for digit in parts[0] {
            seconds = seconds * 10 + Int(digit - 0x30)
            guard seconds <= Self.secondsMax else { return nil }
        }
        var decimals = 0
        for place in 0..<9 {
            let index = fraction.startIndex + place
            decimals = decimals * 10 + (index < fraction.endIndex ? Int(fraction[index] - 0x30) : 0)
        }
        if fraction.count > 9, fraction[fraction.startIndex + 9] >= 0x35 { decimals += 1 }
        let total = seconds * 1_000_000_000 + decimals
        nanoseconds = isNegative ? -total : total
    }

    init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

    static func - (left: Self, right: Self) -> Self {
        Self(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// As JSON writes it, without zeros at the end: `2.78`, `3`.
    var text: String {
        let (seconds, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let sign = nanoseconds < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(seconds)" }
        var digits = String(rest + 1_000_000_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(seconds).\(digits)"
    }
}
