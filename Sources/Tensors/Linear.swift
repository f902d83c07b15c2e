/// y = x Wᵀ + b over tiles of rows.
package struct Linear: Sendable {
    package let inputs: Int
    package let outputs: Int
    package let bias: Tensor?
    private let matrix: any PackedMatrix

    /// - Parameters:
    ///   - weight: [outputs, inputs], row-major.
    ///   - bias: [outputs].
    ///   - keepsFloats: multiply in float32 whatever the precision, for what bears nothing less.
    package init(
        weight: [Float], bias: [Float]?, inputs: Int, outputs: Int, on backend: ComputeBackend,
        keepsFloats: Bool = false
    ) throws(ArithmeticError) {
        self.inputs = inputs
        self.outputs = outputs
        self.bias = bias.map { Tensor($0, shape: [outputs]) }
        matrix = try backend.multiply.pack(
            weight, columns: outputs, depth: inputs, keepsFloats: keepsFloats)
    }

    /// The matrix product alone; the bias is for ``Kernels/apply(_:rows:)``.
    ///
    /// - Parameters:
    ///   - input: [rows, inputs], one tile.
    ///   - output: [rows, outputs], contiguous.
    package func product(
        _ input: Operand, into output: TensorView, scratch: Workspace
    ) -> Product {
        matrix.multiply(input, into: output, scratch: scratch)
    }
}
