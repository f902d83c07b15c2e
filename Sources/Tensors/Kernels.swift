internal import CKernels

/// What happens to a value before it is stored.
package enum KernelActivation: Hashable, Sendable {
    case linear
    case gelu
    case geluTanh
    case relu
    case tanh

    var kernel: ck_activation {
        switch self {
        case .linear: ck_activation_linear
        case .gelu: ck_activation_gelu
        case .geluTanh: ck_activation_gelu_tanh
        case .relu: ck_activation_relu
        case .tanh: ck_activation_tanh
        }
    }
}

/// The kernels of one instruction set: views in, extents checked, pointers out to C.
// Unchecked: a table of functions without state.
package struct Kernels: @unchecked Sendable {
    package let instructionSet: InstructionSet
    private let table: ck_table

    /// The kernels for `instructionSet`; nil if this processor does not run them.
    package init?(_ instructionSet: InstructionSet) {
        guard ck_can_run(instructionSet.table) else { return nil }
        self.instructionSet = instructionSet
        table = ck_kernels(instructionSet.table).pointee
    }

    /// output = activation(layer norm of each row · gain + bias), possibly in place.
    package func layerNorm(
        _ input: TensorView, gain: Tensor, bias: Tensor, epsilon: Float,
        activation: KernelActivation = .linear, into output: TensorView
    ) {
        precondition(input.isContiguous && output.isContiguous, "rows follow each other")
        precondition(input.rows == output.rows && input.width == output.width, "shapes agree")
        precondition(gain.count == input.width && bias.count == input.width, "widths agree")
        table.layer_norm(
            input.base, gain.base, bias.base, output.base, input.rows, input.width, epsilon,
            activation.kernel)
    }

    /// values = activation(values + bias).
    package func addBias(
        _ bias: Tensor?, to values: TensorView, activation: KernelActivation = .linear
    ) {
        precondition(bias.map { $0.count == values.width } ?? true, "widths agree")
        if bias == nil && activation == .linear { return }
        table.add_bias(
            values.base, values.stride, bias?.base, values.rows, values.width, activation.kernel)
    }

    /// sum = sum + activation(values + bias).
    package func add(
        _ values: TensorView, bias: Tensor?, activation: KernelActivation = .linear,
        to sum: TensorView
    ) {
        precondition(values.rows == sum.rows && values.width == sum.width, "shapes agree")
        precondition(bias.map { $0.count == values.width } ?? true, "widths agree")
        table.add_to(
            sum.base, sum.stride, values.base, values.stride, bias?.base, sum.rows, sum.width,
            activation.kernel)
    }

    /// Softmax over the first `valid` values of each row, in place; the others become 0.
    package func softmax(_ values: TensorView, valid: Int) {
        precondition(valid > 0 && valid <= values.width, "a softmax has something to sum")
        table.softmax(values.base, values.stride, values.rows, values.width, valid)
    }

    /// Log-softmax of each row, in place.
    package func logSoftmax(_ values: TensorView) {
        precondition(values.isContiguous && values.width > 0, "rows follow each other")
        table.log_softmax(values.base, values.rows, values.width)
    }

    /// Convolves mono samples into output [frames, channels].
    ///
    /// - Parameters:
    ///   - samples: at least (frames − 1) · stride + kernel of them.
    ///   - weights: [kernel, channels rounded up to ``channelBlock``].
    ///   - shift: [channels rounded up].
    package func convolve(
        samples: UnsafeBufferPointer<Float>, weights: TensorView, shift: TensorView, stride: Int,
        activation: KernelActivation, into output: TensorView
    ) {
        let kernel = weights.rows
        let padded = Self.paddedToBlock(output.width)
        precondition(output.isContiguous && weights.isContiguous, "rows follow each other")
        precondition(weights.width == padded && shift.width == padded, "weights are padded")
        guard output.rows > 0, let first = samples.baseAddress else { return }
        precondition((output.rows - 1) * stride + kernel <= samples.count, "samples suffice")
        table.convolve_samples(
            first, weights.base, shift.base, output.base, output.rows, output.width, kernel, stride,
            activation.kernel)
    }

    /// Multiplies windows of `input` that start `inputStride` floats apart and may overlap.
    ///
    /// - Parameter weights: [blocks, depth, 16] of 16 outputs each; output: [rows, 16 · blocks].
    package func multiplyWindows(
        of input: UnsafeBufferPointer<Float>, inputStride: Int, weights: UnsafePointer<Float>,
        blocks: Int, depth: Int, into output: TensorView
    ) {
        precondition(output.isContiguous, "rows follow each other")
        precondition(output.width == blocks * Self.channelBlock, "outputs come in blocks")
        guard output.rows > 0, let first = input.baseAddress else { return }
        precondition((output.rows - 1) * inputStride + depth <= input.count, "input suffices")
        table.multiply_windows(
            first, inputStride, depth, weights, blocks, output.base, output.rows)
    }

    /// Means of `factor` consecutive rows; zeros stand for rows after the last.
    package func meanGroups(of input: TensorView, factor: Int, into output: TensorView) {
        precondition(input.isContiguous && output.isContiguous, "rows follow each other")
        precondition(input.width == output.width, "widths agree")
        precondition(output.rows == (input.rows + factor - 1) / factor, "one row for each group")
        table.mean_groups(input.base, input.rows, input.width, factor, output.base)
    }

    /// sum[r] += groups[r / factor].
    package func addRepeated(_ groups: TensorView, factor: Int, to sum: TensorView) {
        precondition(groups.isContiguous && sum.isContiguous, "rows follow each other")
        precondition(groups.width == sum.width, "widths agree")
        precondition(groups.rows == (sum.rows + factor - 1) / factor, "one row for each group")
        table.add_repeated(sum.base, groups.base, sum.rows, sum.width, factor)
    }

    /// Rotates the halves of each row against each other by the row's angles.
    ///
    /// - Parameter cosines: [at least rows, width / 2]; so are `sines`.
    package func rotate(
        _ values: TensorView, cosines: UnsafeBufferPointer<Float>,
        sines: UnsafeBufferPointer<Float>
    ) {
        let needed = values.rows * (values.width / 2)
        precondition(values.width % 2 == 0, "halves are equal")
        precondition(cosines.count >= needed && sines.count >= needed, "angles suffice")
        guard needed > 0, let cosine = cosines.baseAddress, let sine = sines.baseAddress else {
            return
        }
        table.rotate(values.base, values.stride, cosine, sine, values.rows, values.width)
    }

    /// Channels that convolutions compute together; their weights are padded to a multiple of it.
    package static let channelBlock = 16

    package static func paddedToBlock(_ channels: Int) -> Int {
        (channels + channelBlock - 1) / channelBlock * channelBlock
    }
}
