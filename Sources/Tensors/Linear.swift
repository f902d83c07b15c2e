/// y = x Wᵀ + b over rows, its weight as the multiplication wants it.
package struct Linear: Sendable {
    package let inputs: Int
    package let outputs: Int
    private let weight: Tensor
    package let bias: Tensor?

    /// - Parameters:
    ///   - weight: [outputs, inputs], row-major.
    ///   - bias: [outputs].
    package init(weight: [Float], bias: [Float]?, inputs: Int, outputs: Int) {
        self.inputs = inputs
        self.outputs = outputs
        self.weight = Tensor(weight, shape: [outputs, inputs])
        self.bias = bias.map { Tensor($0, shape: [outputs]) }
    }

    /// The matrix product alone, for callers that fuse the bias with what follows.
    ///
    /// - Parameters:
    ///   - input: [rows, inputs], one tile.
    ///   - output: [rows, outputs].
    package func product(
        _ input: TensorView, into output: TensorView, on backend: ComputeBackend
    ) {
        backend.multiply(input, transposed: weight.view, into: output)
    }

    /// activation(x Wᵀ + b).
    package func callAsFunction(
        _ input: TensorView, activation: KernelActivation = .linear, into output: TensorView,
        on backend: ComputeBackend
    ) {
        product(input, into: output, on: backend)
        backend.kernels.addBias(bias, to: output, activation: activation)
    }
}

extension Tensor {
    /// A matrix as a view, for operations that only read it.
    package var view: TensorView {
        precondition(shape.count == 2, "a matrix has two dimensions")
        return TensorView(
            base: UnsafeMutablePointer(mutating: base), rows: shape[0], width: shape[1])
    }
}
