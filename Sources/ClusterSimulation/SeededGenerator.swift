/// The only source of chance in a simulation: SplitMix64.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        // Neighbouring seeds must not give one stream, shifted.
        state = 0
        for shift in stride(from: 0, to: 64, by: 8) {
            state =
                (state ^ (seed >> UInt64(shift) & 255)) &* 0x100_0000_01b3 &+ 0xcbf2_9ce4_8422_2325
        }
        state = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// True `permille` times in a thousand.
    mutating func happens(_ permille: Int) -> Bool {
        permille > 0 && Int(next() % 1_000) < permille
    }

    /// A whole number of the range.
    mutating func draw(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// A duration between two numbers of milliseconds.
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .microseconds(draw(range.lowerBound * 1_000...range.upperBound * 1_000))
    }
}
