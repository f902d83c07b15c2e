internal import CKernels

/// The energy of a lane by frequency, over windows of 32 ms one after the other.
struct EnergySpectrum: Hashable, Sendable {
    /// Sums of |X[k]|² over all whole pairs of windows; k stands for 31.25 k Hz.
    private var energy = [Double](repeating: 0, count: Int(ck_spectrum_bins))
    /// Samples of the pair of windows that has begun.
    private var pending: [Float] = []

    private static let pairSamples = 2 * Int(ck_spectrum_samples)
    /// Below them lie direct current and hum.
    private static let firstBin = 2
    private static let hertzPerBin = 31.25

    mutating func append(_ block: [Float]) {
        pending += block
        guard pending.count >= Self.pairSamples else { return }
        var start = 0
        pending.withUnsafeBufferPointer { samples in
            while start + Self.pairSamples <= samples.count, let base = samples.baseAddress {
                FourierTables.shared.add(base + start, to: &energy)
                start += Self.pairSamples
            }
        }
        pending.removeFirst(start)
    }

    /// The frequency below which 99.9 % of the energy lies, from 62.5 Hz on; 0 where there is none.
    var bandwidthHertz: Double {
        var energy = energy
        if !pending.isEmpty {
            let padded =
                pending + [Float](repeating: 0, count: Self.pairSamples - pending.count)
            padded.withUnsafeBufferPointer { samples in
                if let base = samples.baseAddress {
                    FourierTables.shared.add(base, to: &energy)
                }
            }
        }
        // The mirror image of the last bin is itself.
        energy[energy.count - 1] /= 2
        let total = energy[Self.firstBin...].reduce(0, +)
        guard total > 0 else { return 0 }
        var sum = 0.0
        for bin in Self.firstBin..<energy.count {
            sum += energy[bin]
            if sum >= 0.999 * total { return Double(bin) * Self.hertzPerBin }
        }
        return Double(energy.count - 1) * Self.hertzPerBin
    }
}

/// Roots of unity and the weights of a window, by square roots and products alone: what a mathematical
/// library says of sines differs in the last bit from processor to processor.
private struct FourierTables: Sendable {
    /// Hann's.
    private let weights: [Double]
    /// As `ck_add_spectrum` takes them.
    private let cosines: [Double]
    private let sines: [Double]

    static let shared = FourierTables()

    private init() {
        let size = Int(ck_spectrum_samples)
        // e^(iπ), e^(iπ/2), e^(iπ/4), …
        var halves = [(cosine: -1.0, sine: 0.0), (cosine: 0.0, sine: 1.0)]
        while 1 << halves.count < size, let last = halves.last {
            let cosine = ((1 + last.cosine) / 2).squareRoot()
            halves.append((cosine, last.sine / (2 * cosine)))
        }
        /// e^(2πi k / size)
        func root(_ k: Int) -> (cosine: Double, sine: Double) {
            var product = (cosine: 1.0, sine: 0.0)
            for (place, factor) in halves.enumerated() where k & (size / 2) >> place != 0 {
                product = (
                    product.cosine * factor.cosine - product.sine * factor.sine,
                    product.cosine * factor.sine + product.sine * factor.cosine
                )
            }
            return product
        }
        weights = (0..<size).map { 0.5 - 0.5 * root($0).cosine }
        var roots: [(cosine: Double, sine: Double)] = []
        var half = 1
        while half < size {
            for k in 0..<half { roots.append(root(k * (size / 2 / half))) }
            half *= 2
        }
        cosines = roots.map(\.cosine)
        sines = roots.map { -$0.sine }
    }

    /// - Parameter windows: two of them.
    func add(_ windows: UnsafePointer<Float>, to energy: inout [Double]) {
        energy.withUnsafeMutableBufferPointer { energy in
            weights.withUnsafeBufferPointer { weights in
                cosines.withUnsafeBufferPointer { cosines in
                    sines.withUnsafeBufferPointer { sines in
                        guard let weights = weights.baseAddress,
                            let cosines = cosines.baseAddress, let sines = sines.baseAddress,
                            let energy = energy.baseAddress
                        else { return }
                        ck_add_spectrum(windows, weights, cosines, sines, energy)
                    }
                }
            }
        }
    }
}
