internal import PackedWeights

/// A convolution as it stands: one product for each stretch of `stride` taps.
///
/// Rows are taken `stride` at a time as one row of the operand. Output t is the first product over
/// row t of that operand, plus the second over the beginning of row t + 1, and so on.
struct StridedConvolution: TimeConvolution {
    let inputs: Int
    let outputs: Int
    let kernel: Int
    let stride: Int
    let rows: Int
    /// One for each stretch of taps: [outputs, taps · inputs].
    private let pieces: [any PackedMatrix]
    private let elementType: Operand.ElementType

    init<Failure: ArithmeticRefusal>(
        inputs: Int, outputs: Int, kernel: Int, stride: Int, rows: Int,
        on backend: ComputeBackend, ledger: PackingLedger, weight: () throws(Failure) -> [Float]
    ) throws(Failure) {
        self.inputs = inputs
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.rows = rows
        elementType = backend.multiply.elementType
        var pieces: [any PackedMatrix] = []
        for first in Swift.stride(from: 0, to: kernel, by: stride) {
            let taps = min(stride, kernel - first)
            pieces.append(
                try backend.multiply.pack(
                    columns: outputs, depth: taps * inputs, inputStride: stride * inputs,
                    rows: rows, ledger: ledger
                ) { () throws(Failure) in
                    tapMatrix(
                        try weight(), inputs: inputs, outputs: outputs, kernel: kernel, taps: taps
                    ) { $0[first + $1] }
                })
        }
        self.pieces = pieces
        precondition(pieces.count <= 3, "a kernel is at most three strides long")
    }

    var rowsPerUnit: Int { stride }
    var rowsAhead: Int { 0 }
    var unitsPerCall: Int { rows + pieces.count - 1 }
    var unitsPerStep: Int { rows }
    var productRows: Int { pieces.count * rows }

    func inputRows(for count: Int) -> Int {
        let rows = (count - 1) * stride + kernel
        return (rows + stride - 1) / stride * stride
    }

    func makeInput(units: Int, scratch: Workspace, slot: Int) -> ConvolutionInput {
        ConvolutionInput(
            operands: [scratch.operand(slot, elementType, rows: units, width: stride * inputs)],
            rowsOfUnit: [1])
    }

    func encode(
        _ rows: TensorView, units: Int, into input: ConvolutionInput, at start: Int,
        on kernels: Kernels, scratch: Workspace, slot: Int
    ) {
        precondition(rows.isContiguous, "rows follow each other")
        let whole = rows.rows / stride
        let grouped = TensorView(base: rows.base, rows: min(whole, units), width: stride * inputs)
        var epilogue = Epilogue([Product(grouped)])
        epilogue.encoded = input.operands[0].rows(start..<start + grouped.rows)
        kernels.apply(epilogue)
        guard whole < units else { return }
        let last = scratch.view(slot, rows: 1, width: stride * inputs)
        last.clear()
        let left = rows.rows - whole * stride
        last.base.update(from: rows.base + whole * stride * inputs, count: left * inputs)
        epilogue = Epilogue([Product(last)])
        epilogue.encoded = input.operands[0].rows(start + whole..<start + whole + 1)
        kernels.apply(epilogue)
    }

    func multiply(
        _ input: ConvolutionInput, into output: TensorView, scratch: Workspace
    ) -> Epilogue {
        Epilogue(
            pieces.enumerated().map { index, piece in
                piece.multiply(
                    input.operands[0].rows(index..<index + rows).columns(0..<piece.depth),
                    into: output.rows(index * rows..<(index + 1) * rows), scratch: scratch)
            })
    }
}
