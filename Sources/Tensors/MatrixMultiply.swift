/// All large matrix multiplications: chooses the library, the element type and the rows of a call.
///
/// OpenBLAS multiplies in float32 on every processor, and the others are tested against it; oneDNN has
/// packed weights and all precisions; bytes on AVX2 are multiplied by kernels of ours, see ``ByteMatrix``.
package struct MatrixMultiply: Sendable {
    /// The sizes of calls whose rows come from several utterances.
    package let tiling: RowTiling
    /// How operands are stored.
    package let elementType: Operand.ElementType
    /// Rows of a call whose rows are of one utterance, in the extractor: a third of them is a multiple of
    /// the alignment.
    package let rowsOfOneUtterance: Int
    private let arithmetic: ArithmeticClass
    private let kernels: Kernels

    init(_ arithmetic: ArithmeticClass, kernels: Kernels) {
        self.arithmetic = arithmetic
        self.kernels = kernels
        elementType =
            switch arithmetic.precision {
            case .fp32: .float32
            case .bf16: .bfloat16
            case .int8: .uint8
            }
        switch (arithmetic.library, arithmetic.instructionSet) {
        case (.openBLAS, .avx512):
            // OpenBLAS's kernels take rows by twelve and compute a rest with others, which sum in
            // another order. Its AVX-512 kernels also choose by the number of rows, so that is fixed.
            tiling = RowTiling(largest: 192, step: 192, alignment: 12)
            rowsOfOneUtterance = 432
        case (.openBLAS, _):
            tiling = RowTiling(largest: 384, step: 48, alignment: 12)
            rowsOfOneUtterance = 432
        case (.oneDNN, .avx512):
            // Weights are packed once, so that few rows already run at full speed; and a row's sums
            // are the same wherever it stands and whatever the number of rows.
            tiling = RowTiling(largest: 64, step: 16, alignment: 1)
            rowsOfOneUtterance = 96
        case (.oneDNN, _):
            // Its AVX2 kernels take rows by six and sum one or two that are left in another order.
            tiling = RowTiling(largest: 48, step: 6, alignment: 1)
            rowsOfOneUtterance = 144
        }
    }

    /// Weights made ready for multiplying by them.
    ///
    /// - Parameters:
    ///   - weights: [columns, depth], as linear layers store them.
    ///   - inputStride: elements from row to row of the operand; nil is `depth`.
    ///   - rows: of each call; nil is any that ``tiling`` gives.
    ///   - keepsFloats: multiply in float32 whatever the precision, for what bears nothing less.
    package func pack(
        _ weights: [Float], columns: Int, depth: Int, inputStride: Int? = nil, rows: Int? = nil,
        keepsFloats: Bool = false
    ) throws(ArithmeticError) -> any PackedMatrix {
        precondition(weights.count == columns * depth, "a shape holds all values")
        switch arithmetic.library {
        case .openBLAS: return OpenBLASMatrix(weights, columns: columns, depth: depth)
        case .oneDNN where elementType == .uint8 && !keepsFloats && !kernels.hasNarrowProducts:
            return ByteMatrix(weights, columns: columns, depth: depth, kernels: kernels)
        case .oneDNN:
            return try OneDNNMatrix(
                weights, columns: columns, depth: depth,
                inputStride: inputStride ?? depth, rows: rows.map { [$0] } ?? tiling.sizes,
                precision: keepsFloats ? .fp32 : arithmetic.precision)
        }
    }
}

/// Weights [columns, depth] that rows are multiplied by.
package protocol PackedMatrix: Sendable {
    var columns: Int { get }
    var depth: Int { get }

    /// input × weightsᵀ.
    ///
    /// - Parameters:
    ///   - input: [rows, depth], of as many rows as the matrix was packed for.
    ///   - output: [rows, columns], contiguous; overwritten.
    ///   - scratch: of the calling thread.
    func multiply(_ input: Operand, into output: TensorView, scratch: Workspace) -> Product
}
