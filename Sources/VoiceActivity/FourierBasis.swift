internal import CKernels
internal import Checkpoints

/// Roots of unity for transforms of up to 256 samples, by square roots and products alone: what a
/// mathematical library says of sines differs in the last bit from processor to processor.
struct FourierBasis {
    /// e^(-iπk/h) for 0 ≤ k < h at h - 1 + k, for h = 1, 2, 4, …, 128.
    let cosines: [Float]
    let sines: [Float]
    /// The bits of n < 128 in reverse.
    let places: [UInt8]
    /// e^(2πik/256), k < 256.
    private let circle: [(cosine: Double, sine: Double)]

    private static let size = Int(ck_speech_window)
    /// A basis that is further from sines and cosines is another transform; stored ones are within 1e-7.
    private static let differenceMax = 1e-6

    init() {
        let size = Self.size
        // e^(iπ), e^(iπ/2), e^(iπ/4), …
        var halves = [(cosine: -1.0, sine: 0.0), (cosine: 0.0, sine: 1.0)]
        while 1 << halves.count < size, let last = halves.last {
            let cosine = ((1 + last.cosine) / 2).squareRoot()
            halves.append((cosine, last.sine / (2 * cosine)))
        }
        let circle = (0..<size).map { k in
            var product = (cosine: 1.0, sine: 0.0)
            for (place, factor) in halves.enumerated() where k & (size / 2) >> place != 0 {
                product = (
                    product.cosine * factor.cosine - product.sine * factor.sine,
                    product.cosine * factor.sine + product.sine * factor.cosine
                )
            }
            return product
        }
        self.circle = circle
        var roots: [(cosine: Double, sine: Double)] = []
        var half = 1
        while half < size {
            for k in 0..<half { roots.append(circle[k * (size / 2 / half)]) }
            half *= 2
        }
        cosines = roots.map { Float($0.cosine) }
        sines = roots.map { Float(-$0.sine) }
        places = (0..<size / 2).map { UInt8(truncatingIfNeeded: $0).reversedBits >> 1 }
    }

    /// The weights of a window's samples, of a basis [2 · 129, 1, 256] of cosines and sines times them.
    ///
    /// - Throws: `refused` if it is no such basis, for then no fast transform gives what it gives.
    func window(ofBasis basis: [Float]) throws(CheckpointError) -> [Float] {
        let size = Self.size
        let bins = size / 2 + 1
        // The cosines of frequency 0 are 1.
        let window = Array(basis[0..<size])
        for bin in 0..<bins {
            for sample in 0..<size {
                let root = circle[bin * sample % size]
                let weight = Double(window[sample])
                let real = Double(basis[bin * size + sample])
                let imaginary = Double(basis[(bins + bin) * size + sample])
                guard abs(real - weight * root.cosine) <= Self.differenceMax,
                    abs(imaginary + weight * root.sine) <= Self.differenceMax
                else {
                    throw CheckpointError(
                        .refused, path: SpeechNetwork.fileName, tensor: "stft_conv.weight",
                        "is no Fourier transform over one window of samples")
                }
            }
        }
        return window
    }
}

extension UInt8 {
    fileprivate var reversedBits: UInt8 {
        (0..<8).reduce(0) { $0 << 1 | (self >> UInt8($1)) & 1 }
    }
}
