/// A one-dimensional convolution over rows [time, inputs] as matrix products, without copying windows.
///
/// A window of `kernel` rows is contiguous in memory, and windows start `stride` rows apart. The
/// library wants rows that do not overlap, so the taps are taken `stride` at a time.
package struct StridedConvolution: Sendable {
    package let inputs: Int
    package let outputs: Int
    package let kernel: Int
    package let stride: Int
    /// [outputs, kernel · inputs], taps outermost.
    private let weight: Tensor

    /// - Parameter weight: [outputs, inputs, kernel], as checkpoints store it.
    package init(weight: [Float], inputs: Int, outputs: Int, kernel: Int, stride: Int) {
        precondition(weight.count == outputs * inputs * kernel, "a shape holds all values")
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.weight = Tensor(shape: [outputs, kernel * inputs]) { target in
            for output in 0..<outputs {
                for input in 0..<inputs {
                    for tap in 0..<kernel {
                        target[(output * kernel + tap) * inputs + input] =
                            weight[(output * inputs + input) * kernel + tap]
                    }
                }
            }
        }
    }

    /// Rows of input that `rows` rows of output read.
    package func inputRows(for rows: Int) -> Int {
        rows == 0 ? 0 : (rows - 1) * stride + kernel
    }

    /// output[t] = Σ over taps and inputs; no bias.
    ///
    /// - Parameters:
    ///   - input: [at least ``inputRows(for:)`` of the output's rows, inputs], contiguous.
    ///   - output: [rows, outputs].
    package func callAsFunction(
        _ input: TensorView, into output: TensorView, on backend: ComputeBackend
    ) {
        precondition(input.isContiguous && input.width == inputs, "windows are contiguous")
        precondition(input.rows >= inputRows(for: output.rows), "input suffices")
        for first in Swift.stride(from: 0, to: kernel, by: stride) {
            let taps = min(stride, kernel - first)
            let windows = TensorView(
                base: input.base + first * inputs, rows: output.rows, width: taps * inputs,
                stride: stride * inputs)
            backend.multiply(
                windows,
                transposed: weight.view.columns(first * inputs..<(first + taps) * inputs),
                into: output, accumulate: first > 0)
        }
    }
}
