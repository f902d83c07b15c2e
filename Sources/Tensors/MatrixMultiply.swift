internal import COpenBLAS

/// The door through which all large matrix multiplications go.
///
/// Behind it is OpenBLAS in float32; another library, or weights packed for one, would stand here
/// beside it.
package struct MatrixMultiply: Sendable {
    /// The sizes of calls whose rows come from several utterances.
    package let tiling: RowTiling

    init(_ instructionSet: InstructionSet) {
        // OpenBLAS's kernels take rows by twelve and finish a rest with others, which sum in
        // another order. Its AVX-512 kernels also choose by the number of rows, so that is fixed.
        tiling =
            switch instructionSet {
            case .portable, .avx2: RowTiling(largest: 384, step: 48, alignment: 12)
            case .avx512: RowTiling(largest: 192, step: 192, alignment: 12)
            }
    }

    /// output = input × weightsᵀ, or output += that.
    ///
    /// - Parameters:
    ///   - input: [rows, depth].
    ///   - weights: [columns, depth], as linear layers store them.
    ///   - output: [rows, columns].
    package func callAsFunction(
        _ input: TensorView, transposed weights: TensorView, into output: TensorView,
        accumulate: Bool = false
    ) {
        precondition(input.width == weights.width, "depths agree")
        precondition(output.width == weights.rows, "one column for each row of the weights")
        call(input, weights, transposed: true, output, accumulate)
    }

    /// output = input × weights, with weights [depth, columns].
    package func callAsFunction(
        _ input: TensorView, _ weights: TensorView, into output: TensorView
    ) {
        precondition(input.width == weights.rows, "depths agree")
        precondition(output.width == weights.width, "columns agree")
        call(input, weights, transposed: false, output, false)
    }

    private func call(
        _ input: TensorView, _ weights: TensorView, transposed: Bool, _ output: TensorView,
        _ accumulate: Bool
    ) {
        precondition(input.rows == output.rows, "rows agree")
        precondition(
            input.stride >= input.width && weights.stride >= weights.width
                && output.stride >= output.width, "rows do not overlap")
        guard output.rows > 0 && output.width > 0 else { return }
        openblas_door_multiply(
            output.rows, output.width, input.width, input.base, input.stride, weights.base,
            weights.stride, transposed, output.base, output.stride, accumulate)
    }
}
