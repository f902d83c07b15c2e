/// |DFT|² of real frames, in float64.
///
/// A frame of n values is a complex sequence of n/2 values, whose transform (radix 2, decimation in time) is taken
/// apart again.
struct PowerSpectrum: Sendable {
    let size: Int
    private let half: Int
    /// e^(-2πik/size) for k < size/2, real and imaginary.
    private let twiddles: [(Double, Double)]
    /// Where each value of the half sequence goes.
    private let order: [Int]

    /// - Precondition: `size` is a power of two, 4 at least.
    init(size: Int) {
        precondition(size >= 4 && size & (size - 1) == 0, "the size is a power of two")
        self.size = size
        half = size / 2
        twiddles = (0..<size / 2).map {
            let (cosine, sine) = PortableMath.turn($0, size)
            return (cosine, -sine)
        }
        let bits = (size / 2).trailingZeroBitCount
        order = (0..<size / 2).map { index in
            (0..<bits).reduce(0) { $0 | (index >> $1 & 1) << (bits - 1 - $1) }
        }
    }

    /// Powers of the frequencies 0 to size/2.
    ///
    /// - Parameters:
    ///   - frame: `size` values.
    ///   - power: gets `size / 2 + 1` values.
    ///   - scratch: `size` values.
    func callAsFunction(
        _ frame: UnsafePointer<Double>, into power: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutablePointer<Double>
    ) {
        let real = scratch
        let imaginary = scratch + half
        for index in 0..<half {
            real[order[index]] = frame[2 * index]
            imaginary[order[index]] = frame[2 * index + 1]
        }
        twiddles.withUnsafeBufferPointer { twiddles in
            var width = 1
            while width < half {
                let step = half / width
                for start in stride(from: 0, to: half, by: 2 * width) {
                    for offset in 0..<width {
                        let (cosine, sine) = twiddles[offset * step]
                        let (low, high) = (start + offset, start + offset + width)
                        let r = real[high] * cosine - imaginary[high] * sine
                        let i = real[high] * sine + imaginary[high] * cosine
                        (real[high], imaginary[high]) = (real[low] - r, imaginary[low] - i)
                        (real[low], imaginary[low]) = (real[low] + r, imaginary[low] + i)
                    }
                }
                width *= 2
            }
            // X[k] = E[k] + e^(-2πik/n) O[k], of the transforms of even and odd values.
            for k in 0...half {
                let (a, b) = (k == half ? 0 : k, k == 0 ? 0 : half - k)
                let evenReal = (real[a] + real[b]) / 2
                let evenImaginary = (imaginary[a] - imaginary[b]) / 2
                let oddReal = (imaginary[a] + imaginary[b]) / 2
                let oddImaginary = (real[b] - real[a]) / 2
                let (cosine, sine) = k == half ? (-1, 0) : twiddles[k]
                let r = evenReal + oddReal * cosine - oddImaginary * sine
                let i = evenImaginary + oddReal * sine + oddImaginary * cosine
                power[k] = r * r + i * i
            }
        }
    }
}
