/// A one-dimensional convolution over rows [time, inputs] as matrix products, without copying windows.
///
/// Rows are taken `stride` at a time as one row of an operand. Output t is the first product over
/// row t of that operand, plus the second over the beginning of row t + 1, and so on for the kernel's
/// length.
package struct StridedConvolution: Sendable {
    package let inputs: Int
    package let outputs: Int
    package let kernel: Int
    package let stride: Int
    /// Rows of output that a call computes.
    package let rows: Int
    /// One for each stretch of `stride` taps: [outputs, taps · inputs], taps outermost.
    private let pieces: [any PackedMatrix]

    /// - Parameter weight: [outputs, inputs, kernel], as checkpoints store it.
    package init(
        weight: [Float], inputs: Int, outputs: Int, kernel: Int, stride: Int, rows: Int,
        on backend: ComputeBackend
    ) throws(ArithmeticError) {
        precondition(weight.count == outputs * inputs * kernel, "a shape holds all values")
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.rows = rows
        var pieces: [any PackedMatrix] = []
        for first in Swift.stride(from: 0, to: kernel, by: stride) {
            let taps = min(stride, kernel - first)
            let depth = taps * inputs
            let piece = [Float](unsafeUninitializedCapacity: outputs * depth) { target, count in
                for output in 0..<outputs {
                    for tap in 0..<taps {
                        for input in 0..<inputs {
                            target[output * depth + tap * inputs + input] =
                                weight[(output * inputs + input) * kernel + first + tap]
                        }
                    }
                }
                count = outputs * depth
            }
            pieces.append(
                try backend.multiply.pack(
                    piece, columns: outputs, depth: depth, inputStride: stride * inputs, rows: rows))
        }
        self.pieces = pieces
    }

    /// Products that an output is the sum of.
    package var productCount: Int { pieces.count }

    /// Rows of the operand that a call reads.
    package var operandRows: Int { rows + pieces.count - 1 }

    /// The products whose sum is output [rows, outputs].
    ///
    /// - Parameters:
    ///   - input: [at least ``operandRows``, stride · inputs].
    ///   - output: where the products go, one after the other: [products · rows, outputs].
    package func products(
        _ input: Operand, into output: TensorView, scratch: Workspace
    ) -> [Product] {
        pieces.enumerated().map { index, piece in
            piece.multiply(
                input.rows(index..<index + rows).columns(0..<piece.depth),
                into: output.rows(index * rows..<(index + 1) * rows), scratch: scratch)
        }
    }
}
