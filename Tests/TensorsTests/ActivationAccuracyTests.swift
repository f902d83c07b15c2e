internal import Tensors
internal import Testing

/// How far the vectorised activations are from the mathematical functions.
@Suite("Accuracy of activations") struct ActivationAccuracyTests {
    /// Floats of every sign and exponent, and a fine grid where the functions bend.
    static let samples: [Float] = {
        var samples: [Float] = []
        for bits in Swift.stride(from: UInt32(0), to: UInt32.max - 9_973, by: 9_973) {
            let value = Float(bitPattern: bits)
            if value.isFinite && !value.isSubnormal { samples.append(value) }
        }
        for step in -200_000...200_000 { samples.append(Float(step) * 5e-5) }
        return samples
    }()

    /// Errors are relative to max(1, |x|): docs/numerics.md gives the measured maxima.
    @Test(
        "activations keep their error bound over all floats",
        arguments: KernelSet.here,
        [
            (KernelActivation.gelu, 2.5e-7), (.geluTanh, 2.5e-7), (.tanh, 4e-7), (.relu, 0),
            (.swish, 3e-7),
        ])
    func bound(set: KernelSet, bound: (activation: KernelActivation, error: Double)) {
        let matrix = Matrix(Self.samples, rows: 1, width: Self.samples.count)
        set.kernels.apply(Epilogue([Product(matrix.view)], activation: bound.activation))
        var worst = (error: 0.0, at: Float(0))
        for (x, y) in zip(Self.samples, matrix.values) {
            let exact = KernelReference.apply(bound.activation, Double(x))
            let error = abs(Double(y) - exact) / max(1, abs(Double(x)))
            if !(error <= worst.error) { worst = (error, x) }
        }
        #expect(worst.error <= bound.error, "at \(worst.at)")
    }
}
