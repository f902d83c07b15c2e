internal import COpenBLAS

/// Weights as they are, multiplied by OpenBLAS.
struct OpenBLASMatrix: PackedMatrix {
    let columns: Int
    let depth: Int
    private let weights: Tensor

    init(_ weights: [Float], columns: Int, depth: Int) {
        self.columns = columns
        self.depth = depth
        self.weights = Tensor(weights, shape: [columns, depth])
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
