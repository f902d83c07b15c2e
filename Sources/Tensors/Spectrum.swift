internal import CKernels
internal import Glibc

/// The discrete Fourier transform of one length, and kernels seen through it.
///
/// A convolution of K taps over T frames costs K products a frame directly and about 2 log K through
/// transforms of 2 K frames, which is what makes the positional convolution (K = 128) cheap.
package struct Spectrum: Sendable {
    /// Taps of the convolution.
    package let kernel: Int
    /// Frames of a transform: a power of two, at least twice the kernel.
    package let length: Int
    private let cosines: [Float]
    private let sines: [Float]
    private let places: [UInt32]

    package init(kernel: Int) {
        precondition(kernel > 0, "a kernel has taps")
        var length = 2
        while length < 2 * kernel { length *= 2 }
        self.kernel = kernel
        self.length = length
        let angles = (0..<length / 2).map { 2 * Double.pi * Double($0) / Double(length) }
        cosines = angles.map { Float(cos($0)) }
        sines = angles.map { Float(sin($0)) }
        let bits = length.trailingZeroBitCount
        places = (0..<length).map { index in
            (0..<bits).reduce(UInt32(0)) { $0 << 1 | UInt32(index >> $1 & 1) }
        }
    }

    /// Frequencies from zero to the highest.
    package var frequencies: Int { length / 2 + 1 }

    /// Floats that the weights of one group take.
    package func weightCount(width: Int) -> Int {
        frequencies * width * 2 * Kernels.paddedToBlock(width)
    }

    /// Operations of convolutions within groups of channels over so many frames, two for each multiply-add:
    /// transforms there and back, channels of two groups at once, and products of spectra.
    ///
    /// - Parameter width: of a group.
    package func operations(frames: Int, width: Int, groups: Int) -> Double {
        let advance = length - kernel + 1
        let blocks = Double((frames + advance - 1) / advance)
        // Half as many butterflies as frames, log2 times: a turn (six) and two sums of complex numbers (four).
        let transform = 5 * Double(length * length.trailingZeroBitCount)
        let transforms = 2 * transform * Double((groups + 1) / 2 * width)
        // A product of complex numbers, added up: eight.
        let products = 8 * Double(frequencies * groups * width * width)
        return blocks * (transforms + products)
    }

    func withPlan<Result>(_ body: (UnsafePointer<ck_spectrum>) -> Result) -> Result {
        cosines.withUnsafeBufferPointer { cosines in
            sines.withUnsafeBufferPointer { sines in
                places.withUnsafeBufferPointer { places in
                    guard let cosine = cosines.baseAddress, let sine = sines.baseAddress,
                        let place = places.baseAddress
                    else { preconditionFailure("a transform has angles") }
                    var plan = ck_spectrum(
                        length: length, kernel: kernel, cosines: cosine, sines: sine, places: place)
                    return body(&plan)
                }
            }
        }
    }
}
