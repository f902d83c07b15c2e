/// Sums of probabilities that are kept as natural logarithms.
///
/// By additions, multiplications and divisions alone, which every machine rounds alike: the C library's
/// functions differ from one processor to another in the last bit, and transcripts must not.
enum LogArithmetic {
    /// log(exp(a) + exp(b)).
    @inline(__always)
    static func add(_ a: Double, _ b: Double) -> Double {
        let difference = a >= b ? b - a : a - b
        // What is added is less than a bit of the greater one.
        guard difference > -40 else { return max(a, b) }
        return max(a, b) + log(1 + exp(difference))
    }

    /// e to the power of `x`; 0 where that is too small for a normal number.
    ///
    /// - Precondition: `x` is not above 700.
    @inline(__always)
    static func exp(_ x: Double) -> Double {
        guard x > -700 else { return 0 }
        // Adding and subtracting 1.5 x 2^52 rounds to a whole number.
        let shifted = x * 1.442_695_040_888_963_4 + 6_755_399_441_055_744
        let power = shifted - 6_755_399_441_055_744
        let rest = x - power * 0.693_147_180_369_123_8 - power * 1.908_214_929_270_587_7e-10
        // The exponential series, up to a term below 2e-16 where |rest| ≤ log(2) / 2.
        var sum = 1.0 / 6_227_020_800
        sum = sum * rest + 1.0 / 479_001_600
        sum = sum * rest + 1.0 / 39_916_800
        sum = sum * rest + 1.0 / 3_628_800
        sum = sum * rest + 1.0 / 362_880
        sum = sum * rest + 1.0 / 40_320
        sum = sum * rest + 1.0 / 5_040
        sum = sum * rest + 1.0 / 720
        sum = sum * rest + 1.0 / 120
        sum = sum * rest + 1.0 / 24
        sum = sum * rest + 1.0 / 6
        sum = sum * rest + 0.5
        sum = sum * rest + 1
        sum = sum * rest + 1
        return sum * Double(bitPattern: UInt64(bitPattern: Int64(power) + 1_023) << 52)
    }

    /// ``exp(_:)`` of eight at once, the same bits.
    @inline(__always)
    static func exp(_ x: SIMD8<Double>) -> SIMD8<Double> {
        let shifted = x * 1.442_695_040_888_963_4 + 6_755_399_441_055_744
        let power = shifted - 6_755_399_441_055_744
        let rest = x - power * 0.693_147_180_369_123_8 - power * 1.908_214_929_270_587_7e-10
        var sum = SIMD8<Double>(repeating: 1.0 / 6_227_020_800)
        sum = sum * rest + 1.0 / 479_001_600
        sum = sum * rest + 1.0 / 39_916_800
        sum = sum * rest + 1.0 / 3_628_800
        sum = sum * rest + 1.0 / 362_880
        sum = sum * rest + 1.0 / 40_320
        sum = sum * rest + 1.0 / 5_040
        sum = sum * rest + 1.0 / 720
        sum = sum * rest + 1.0 / 120
        sum = sum * rest + 1.0 / 24
        sum = sum * rest + 1.0 / 6
        sum = sum * rest + 0.5
        sum = sum * rest + 1
        sum = sum * rest + 1
        // The whole number stands in the low bits of what was shifted.
        let bits = unsafeBitCast(shifted, to: SIMD8<UInt64>.self)
        let exponent = (bits &- 0x4338_0000_0000_0000 &+ 1_023) &<< 52
        let result = sum * unsafeBitCast(exponent, to: SIMD8<Double>.self)
        return result.replacing(with: 0, where: .!(x .> -700))
    }

    /// The natural logarithm of `x`.
    ///
    /// - Precondition: `x` is a normal number above 0.
    @inline(__always)
    static func log(_ x: Double) -> Double {
        var exponent = Int64(bitPattern: x.bitPattern >> 52) - 1_023
        var mantissa = Double(bitPattern: x.bitPattern & 0xF_FFFF_FFFF_FFFF | 0x3FF << 52)
        if mantissa > 1.414_213_562_373_095_1 {
            mantissa *= 0.5
            exponent += 1
        }
        // log(m) = 2 artanh((m - 1) / (m + 1)), whose argument is 0.172 at most.
        let ratio = (mantissa - 1) / (mantissa + 1)
        let square = ratio * ratio
        var sum = 1.0 / 21
        sum = sum * square + 1.0 / 19
        sum = sum * square + 1.0 / 17
        sum = sum * square + 1.0 / 15
        sum = sum * square + 1.0 / 13
        sum = sum * square + 1.0 / 11
        sum = sum * square + 1.0 / 9
        sum = sum * square + 1.0 / 7
        sum = sum * square + 1.0 / 5
        sum = sum * square + 1.0 / 3
        sum = sum * square + 1
        return 2 * ratio * sum + Double(exponent) * 0.693_147_180_559_945_3
    }
}
