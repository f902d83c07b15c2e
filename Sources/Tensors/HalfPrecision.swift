/// Numbers in half precision (IEEE 754 binary16), rounded to the nearest, ties to even.
package enum HalfPrecision {
    /// Little-endian, two bytes a number.
    package static func bytes(of values: [Float]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 2 * values.count) { buffer, count in
            for (index, value) in values.enumerated() {
                let half = bits(of: value)
                buffer[2 * index] = UInt8(truncatingIfNeeded: half)
                buffer[2 * index + 1] = UInt8(truncatingIfNeeded: half >> 8)
            }
            count = 2 * values.count
        }
    }

    /// What is beyond the range becomes the last number of it, since infinite log-probabilities are
    /// refused by readers.
    static func bits(of value: Float) -> UInt16 {
        let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        // 65,520 and more would round to infinity.
        if magnitude >= 0x477F_F000 { return sign | 0x7BFF }
        if magnitude >= 0x3880_0000 {
            // The exponents' biases are 127 and 15; 13 bits of the fraction go.
            let rebiased = magnitude - 0x3800_0000
            return sign | rounded(rebiased, dropping: 13)
        }
        // Below 2^-14 the steps are all of 2^-24.
        let exponent = Int(magnitude >> 23)
        let shift = 126 - exponent
        guard shift < 25 else { return sign }
        return sign | rounded(magnitude & 0x7F_FFFF | 0x80_0000, dropping: shift)
    }

    private static func rounded(_ bits: UInt32, dropping count: Int) -> UInt16 {
        let kept = bits >> UInt32(count)
        let rest = bits & (1 << UInt32(count) - 1)
        let half: UInt32 = 1 << UInt32(count - 1)
        let isUp = rest > half || rest == half && kept & 1 == 1
        return UInt16(truncatingIfNeeded: isUp ? kept + 1 : kept)
    }
}
