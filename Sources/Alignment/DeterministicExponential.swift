/// The exponential function in arithmetic that every machine does alike.
///
/// Scores stand in records, whose bytes are the same on every worker; a C library's `exp` may differ in
/// its last bit from one version to the next.
enum DeterministicExponential {
    /// e to the power of `value`; 0 below -700, and `value` is no more than a few above 0.
    static func of(_ value: Double) -> Double {
        guard value > -700 else { return 0 }
        let count = (value * 1.442_695_040_888_963_4).rounded()
        let rest = value - count * 0.693_147_180_559_945_3
        // Taylor's series on [-0.35, 0.35]: its fourteenth term is below 1e-17.
        var (sum, term) = (1.0, 1.0)
        for index in 1...14 {
            term *= rest / Double(index)
            sum += term
        }
        return Double(sign: .plus, exponent: Int(count), significand: 1) * sum
    }
}
