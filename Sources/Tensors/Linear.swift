package import PackedWeights

/// y = x Wᵀ + b over tiles of rows.
package struct Linear: Sendable {
    package let inputs: Int
    package let outputs: Int
    package let bias: Tensor?
    private let matrix: any PackedMatrix

    /// - Parameters:
    ///   - keepsFloats: multiply in float32 whatever the precision, for what bears nothing less.
    ///   - ledger: has both ready, or keeps what is made of them.
    ///   - weight: gives [outputs, inputs], row-major.
    ///   - bias: gives [outputs]; nil where there is none.
    package init<Failure: ArithmeticRefusal>(
        inputs: Int, outputs: Int, on backend: ComputeBackend, keepsFloats: Bool = false,
        ledger: PackingLedger, weight: () throws(Failure) -> [Float],
        bias: (() throws(Failure) -> [Float])?
    ) throws(Failure) {
        self.inputs = inputs
        self.outputs = outputs
        matrix = try backend.multiply.pack(
            columns: outputs, depth: inputs, keepsFloats: keepsFloats, ledger: ledger,
            weights: weight)
        if let bias {
            self.bias = try ledger.tensor([outputs], values: bias)
        } else {
            self.bias = nil
        }
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
