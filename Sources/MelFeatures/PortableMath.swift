/// Functions whose results are the same bits on every machine.
///
/// The C library chooses its own by the processor, and their last bits differ. These are series of plain sums and
/// products in float64, right to about 1e-15.
enum PortableMath {
    private static let naturalLogOf2 = 0.693_147_180_559_945_3

    /// - Precondition: `x` is a normal positive number, or none: infinity and not a number stay what they are.
    static func log(_ x: Double) -> Double {
        guard x.isFinite else { return x }
        var exponent = x.exponent
        var significand = x.significand
        if significand > 1.414_213_562_373_095_1 {
            significand /= 2
            exponent += 1
        }
        // log(m) = 2 artanh((m - 1) / (m + 1)), whose argument is 0.172 at most.
        let ratio = (significand - 1) / (significand + 1)
        let square = ratio * ratio
        var sum = 0.0
        for divisor in stride(from: 21, through: 1, by: -2) {
            sum = sum * square + 1 / Double(divisor)
        }
        return 2 * ratio * sum + Double(exponent) * naturalLogOf2
    }

    /// - Precondition: the result is a normal number.
    static func exp(_ x: Double) -> Double {
        let power = (x / naturalLogOf2).rounded()
        let rest = x - power * naturalLogOf2
        var sum = 1.0
        for divisor in stride(from: 18, through: 1, by: -1) {
            sum = 1 + sum * rest / Double(divisor)
        }
        return sum * Double(sign: .plus, exponent: Int(power), significand: 1)
    }

    /// Cosine and sine of `numerator / denominator` turns, by the octant that it lies in.
    ///
    /// - Precondition: 0 ≤ `numerator` ≤ `denominator`.
    static func turn(_ numerator: Int, _ denominator: Int) -> (cosine: Double, sine: Double) {
        // An eighth of a turn and the rest, exactly.
        let octant = 8 * numerator / denominator
        let rest = 8 * numerator - octant * denominator
        let eighth = 0.785_398_163_397_448_3
        let isOdd = !octant.isMultiple(of: 2)
        let part = Double(isOdd ? denominator - rest : rest) / Double(denominator)
        let (cosine, sine) = series(eighth * part)
        switch octant & 7 {
        case 0: return (cosine, sine)
        case 1: return (sine, cosine)
        case 2: return (-sine, cosine)
        case 3: return (-cosine, sine)
        case 4: return (-cosine, -sine)
        case 5: return (-sine, -cosine)
        case 6: return (sine, -cosine)
        default: return (cosine, -sine)
        }
    }

    /// Of an angle from 0 to an eighth of a turn.
    private static func series(_ angle: Double) -> (cosine: Double, sine: Double) {
        let square = angle * angle
        var (cosine, sine) = (1.0, 1.0)
        for order in stride(from: 20, through: 2, by: -2) {
            cosine = 1 - cosine * square / Double((order - 1) * order)
            sine = 1 - sine * square / Double(order * (order + 1))
        }
        return (cosine, sine * angle)
    }
}
