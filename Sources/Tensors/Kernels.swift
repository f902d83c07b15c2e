internal import CKernels

/// What happens to a value before it is stored.
package enum KernelActivation: Hashable, Sendable {
    case linear
    case gelu
    case geluTanh
    case relu
    case tanh
    /// x · σ(x).
    case swish

    var kernel: ck_activation {
        switch self {
        case .linear: ck_activation_linear
        case .gelu: ck_activation_gelu
        case .geluTanh: ck_activation_gelu_tanh
        case .relu: ck_activation_relu
        case .tanh: ck_activation_tanh
        case .swish: ck_activation_swish
        }
    }
}

/// The kernels of one instruction set: views in, extents checked, pointers out to C.
// Unchecked: a table of functions without state.
package struct Kernels: @unchecked Sendable {
    package let instructionSet: InstructionSet
    private let table: ck_table

    /// The kernels for `instructionSet`; nil if this processor does not run them, or does not compute
    /// `precision` in hardware.
    package init?(
        _ instructionSet: InstructionSet, for precision: ArithmeticClass.Precision = .fp32
    ) {
        let set = instructionSet.table(for: precision)
        guard ck_can_run(set), instructionSet.has(precision) else { return nil }
        self.instructionSet = instructionSet
        table = ck_kernels(set).pointee
        hasNarrowProducts = precision != .fp32 && instructionSet >= .avx512
    }

    /// Whether products of bytes are added up by twos in 16 bits, which weights have to leave room in.
    package var addsBytesInPairs: Bool { instructionSet != .avxvnni }

    /// Whether these are the kernels of a precision below float32 for processors that multiply bfloat16 and
    /// add up four products of bytes in one instruction.
    package let hasNarrowProducts: Bool

    func applyEpilogue(_ epilogue: inout ck_epilogue, rows: Int, width: Int) {
        if rows > 0 { table.apply_epilogue(&epilogue, rows, width) }
    }

    /// Sums of products of bytes, as integers in `output` [rows, columns], contiguous.
    func multiplyBytes(_ product: ck_byte_product, _ input: Operand, into output: TensorView) {
        var product = product
        table.multiply_bytes(
            &product, input.base.assumingMemoryBound(to: UInt8.self), input.stride, input.rows,
            UnsafeMutableRawPointer(output.base).assumingMemoryBound(to: Int32.self))
    }

    /// What a ``WinogradConvolution`` multiplies, from its input rows.
    ///
    /// - Parameters:
    ///   - rows: six for each of `tiles` and one more; rows that are missing are zero.
    ///   - encoded: m0…m3, a row for each of `tiles`, and p, three rows for each.
    func encodeWinograd(
        _ rows: TensorView, tiles: Int, into encoded: [Operand], scratch: Workspace, slot: Int
    ) {
        precondition(encoded.count == 5, "there are five operands")
        precondition(
            encoded.allSatisfy { $0.width == rows.width }
                && encoded.dropLast().allSatisfy { $0.rows >= tiles }
                && encoded[4].rows >= 3 * tiles, "operands hold all rows")
        var kernel = ck_winograd(
            rows: UnsafePointer(rows.base), stride: rows.stride, count: rows.rows,
            encoded: (
                encoded[0].kernel, encoded[1].kernel, encoded[2].kernel, encoded[3].kernel,
                encoded[4].kernel
            ))
        table.encode_winograd(
            &kernel, tiles, rows.width, scratch.view(slot, rows: 1, width: rows.width).base)
    }

    /// Softmax attention of one head within one utterance.
    ///
    /// - Parameters:
    ///   - query: [queries, head width], scaled; `key` and `value` are of the same matrix, with
    ///     `keys` rows to look at. Floats or bfloat16.
    ///   - distances: what is added to scores for the distance of key and query.
    ///   - context: [queries, head width].
    package func attend(
        query: Operand, key: Operand, value: Operand, keys: Int,
        distances: AttentionDistances = .none, into context: TensorView,
        scratch: Workspace, slot: Int
    ) {
        precondition(
            query.elementType == key.elementType && key.elementType == value.elementType,
            "numbers agree")
        precondition(query.elementType != .uint8, "scores are not made of bytes")
        precondition(
            query.stride == key.stride && key.stride == value.stride
                && query.width == key.width && key.width == value.width
                && context.width == query.width && context.rows == query.rows, "shapes agree")
        precondition(keys > 0 && keys <= key.rows && keys <= value.rows, "there are keys")
        guard query.rows > 0 else { return }
        distances.check(query: query, keys: keys)
        let (bias, vectors) = (distances.bias, distances.vectors)
        var attention = ck_attention(
            element_type: query.elementType.kernel, query: query.base, key: key.base,
            value: value.base, stride: query.stride, width: query.width, queries: query.rows,
            keys: keys, context: context.base, context_stride: context.stride,
            first_query: distances.firstQuery, distance_bias: bias.map { $0.values + $0.reach },
            gates: bias?.gates, positions: vectors.map { UnsafeRawPointer($0.vectors.base) },
            position_query: vectors.map { UnsafeRawPointer($0.query.base) },
            position_stride: vectors?.vectors.stride ?? 0,
            position_count: vectors?.vectors.rows ?? 0,
            first_distance: vectors?.firstDistance ?? 0)
        let bytes = table.attention_scratch(
            query.elementType.kernel, keys, query.width, attention.position_count)
        table.attend(&attention, scratch.bytes(slot, count: bytes))
    }

    /// Bytes of scratch memory that ``attend(query:key:value:keys:distances:into:scratch:slot:)`` takes.
    ///
    /// - Parameter positions: vectors of distances.
    package func attentionScratch(
        _ elementType: Operand.ElementType, keys: Int, width: Int, positions: Int = 0
    ) -> Int {
        table.attention_scratch(elementType.kernel, keys, width, positions)
    }

    /// input [rows, 2 · width] to output [rows, width]: the first half times σ of the second.
    package func gate(_ input: TensorView, into output: TensorView) {
        precondition(
            input.width == 2 * output.width && input.rows >= output.rows, "halves are gated")
        table.gate(
            input.base, input.stride, output.rows, output.width, output.base, output.stride)
    }

    /// Convolves each channel of one utterance over time; zeros stand outside.
    ///
    /// - Parameters:
    ///   - weights: [kernel, width].
    ///   - before: taps before the frame itself.
    ///   - frames: which frames go to the front of `output`.
    package func convolveChannels(
        _ input: TensorView, weights: Tensor, before: Int, frames: Range<Int>,
        into output: TensorView
    ) {
        let kernel = weights.shape[0]
        precondition(
            weights.shape[1] == input.width && output.width == input.width, "widths agree")
        precondition(before >= 0 && before < kernel, "a frame sees itself")
        precondition(
            frames.lowerBound >= 0 && frames.upperBound <= input.rows
                && frames.count <= output.rows, "frames are inside")
        table.convolve_channels(
            input.base, input.stride, input.rows, input.width, weights.base, kernel, before,
            frames.lowerBound, frames.count, output.base, output.stride)
    }

    /// Adds a long convolution over time within two groups of channels to its own input.
    ///
    /// - Parameters:
    ///   - groups: each group's columns of one utterance, its spectra and its bias [width]; one or
    ///     two.
    ///   - replaces: the result takes the input's place.
    package func addPosition(
        _ spectrum: Spectrum,
        groups: [(columns: TensorView, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>)],
        activation: KernelActivation, replaces: Bool = false, scratch: Workspace, slot: Int
    ) {
        precondition(groups.count == 1 || groups.count == 2, "groups come in pairs")
        guard let first = groups.first?.columns, first.rows > 0 else { return }
        let second = groups.count > 1 ? groups[1] : nil
        precondition(
            groups.allSatisfy {
                $0.columns.rows == first.rows && $0.columns.width == first.width
                    && $0.columns.stride == first.stride
            }, "groups are of one shape")
        spectrum.withPlan { plan in
            var position = ck_position(
                plan: plan, hidden: (first.base, second?.columns.base), stride: first.stride,
                frames: first.rows, width: first.width,
                weights: (groups[0].weights, second?.weights),
                bias: (groups[0].bias, second?.bias), activation: activation.kernel,
                replaces: replaces)
            let bytes = table.position_scratch(plan, first.rows, first.width)
            table.add_position(&position, scratch.bytes(slot, count: bytes))
        }
    }

    /// One group's weights as ``addPosition(_:groups:activation:replaces:scratch:slot:)`` takes them.
    ///
    /// - Parameters:
    ///   - fill: writes the taps [kernel, width rounded up] of one input; they are zero before.
    ///   - target: ``Spectrum/weightCount(width:)`` zeros.
    package func transformTaps(
        _ spectrum: Spectrum, width: Int, fill: (_ input: Int, _ taps: TensorView) -> Void,
        into target: UnsafeMutablePointer<Float>
    ) {
        let lanes = Self.paddedToBlock(width)
        let scratch = Workspace()
        // Two inputs at a time; where their number is odd, the last stands alone.
        let unused = scratch.view(3, rows: spectrum.frequencies, width: width * 2 * lanes)
        for input in stride(from: 0, to: width, by: 2) {
            let taps = [1, 2].map { slot in
                let view = scratch.view(slot, rows: spectrum.length, width: lanes)
                view.clear()
                return view
            }
            fill(input, taps[0].rows(0..<spectrum.kernel))
            let hasSecond = input + 1 < width
            if hasSecond { fill(input + 1, taps[1].rows(0..<spectrum.kernel)) }
            spectrum.withPlan { plan in
                table.transform_taps(
                    plan, taps[0].base, taps[1].base, lanes, target + input * 2 * lanes,
                    hasSecond ? target + (input + 1) * 2 * lanes : unused.base, width * 2 * lanes)
            }
        }
    }

    /// Bytes of scratch memory that ``addPosition(_:groups:activation:replaces:scratch:slot:)`` takes.
    package func positionScratch(_ spectrum: Spectrum, frames: Int, width: Int) -> Int {
        spectrum.withPlan { table.position_scratch($0, frames, width) }
    }

    /// Log-softmax of each row, in place.
    package func logSoftmax(_ values: TensorView) {
        precondition(values.isContiguous && values.width > 0, "rows follow each other")
        table.log_softmax(values.base, values.rows, values.width)
    }

    /// Convolves mono samples into output [frames, channels], with bias and nothing more.
    ///
    /// - Parameters:
    ///   - samples: at least (frames − 1) · stride + kernel of them.
    ///   - weights: [kernel, channels rounded up to ``channelBlock``].
    ///   - bias: [channels rounded up].
    package func convolve(
        samples: UnsafeBufferPointer<Float>, weights: TensorView, bias: TensorView, stride: Int,
        into output: TensorView
    ) {
        let kernel = weights.rows
        let padded = Self.paddedToBlock(output.width)
        precondition(output.isContiguous && weights.isContiguous, "rows follow each other")
        precondition(weights.width == padded && bias.width == padded, "weights are padded")
        guard output.rows > 0, let first = samples.baseAddress else { return }
        precondition((output.rows - 1) * stride + kernel <= samples.count, "samples suffice")
        table.convolve_samples(
            first, weights.base, bias.base, output.base, output.rows, output.width, kernel, stride)
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
