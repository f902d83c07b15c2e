internal import COpenBLAS
internal import PackedWeights

/// Weights as they are, multiplied by OpenBLAS.
struct OpenBLASMatrix: PackedMatrix {
    let columns: Int
    let depth: Int
    private let weights: Tensor

    init<Failure: Error>(
        columns: Int, depth: Int, ledger: PackingLedger, weights: () throws(Failure) -> [Float]
    ) throws(Failure) {
        self.columns = columns
        self.depth = depth
        self.weights = try ledger.tensor([columns, depth], values: weights)
    }

    func multiply(_ input: Operand, into output: TensorView, scratch: Workspace) -> Product {
        precondition(input.elementType == .float32 && input.width == depth, "operands agree")
        precondition(input.rows == output.rows && output.width == columns, "shapes agree")
        openblas_loader_multiply(
            output.rows, columns, depth, input.base.assumingMemoryBound(to: Float.self),
            input.stride, weights.base, output.base, output.stride)
        return Product(output)
    }
}
