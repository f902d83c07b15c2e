internal import PackedWeights

/// A convolution of three taps and stride two by Winograd's F(3, 2): seven products for three outputs
/// instead of nine.
///
/// With input rows e0 o0 e1 o1 e2 o2 e3, taps w0 w1 w2 and outputs y0 y1 y2, the even rows are a
/// convolution of two taps and stride one, which F(3, 2) computes with four products (Toom and Cook's
/// algorithm at the points 0, 1, −1 and ∞):
///
///     m0 = (e0 − e2) w0            y0 = m0 + m1 + m2 + o0 w1
///     m1 = (e1 + e2) (w0 + w2)/2   y1 = m1 − m2      + o1 w1
///     m2 = (e2 − e1) (w0 − w2)/2   y2 = m1 + m2 + m3 + o2 w1
///     m3 = (e3 − e1) w2
///
/// All factors are 0, ±1 and ½, so that rounding grows little. S. Winograd, Arithmetic Complexity of
/// Computations, 1980; A. Lavin and S. Gray, arXiv 1509.09308.
struct WinogradConvolution: TimeConvolution {
    let inputs: Int
    let outputs: Int
    let rows: Int
    /// For m0…m3, then w1: [outputs, inputs].
    private let matrices: [any PackedMatrix]
    private let elementType: Operand.ElementType

    init<Failure: ArithmeticRefusal>(
        inputs: Int, outputs: Int, rows: Int, on backend: ComputeBackend, ledger: PackingLedger,
        weight: () throws(Failure) -> [Float]
    ) throws(Failure) {
        precondition(rows % 3 == 0, "a call is of whole tiles of three outputs")
        self.inputs = inputs
        self.outputs = outputs
        self.rows = rows
        elementType = backend.multiply.elementType
        let factors: [(Float, Float, Float)] = [
            (1, 0, 0), (0.5, 0, 0.5), (0.5, 0, -0.5), (0, 0, 1), (0, 1, 0),
        ]
        var matrices: [any PackedMatrix] = []
        for (index, factor) in factors.enumerated() {
            matrices.append(
                try backend.multiply.pack(
                    columns: outputs, depth: inputs, rows: index < 4 ? rows / 3 : rows,
                    ledger: ledger
                ) { () throws(Failure) in
                    tapMatrix(
                        try weight(), inputs: inputs, outputs: outputs, kernel: 3, taps: 1
                    ) { taps, _ in
                        taps[0] * factor.0 + taps[1] * factor.1 + taps[2] * factor.2
                    }
                })
        }
        self.matrices = matrices
    }

    var kernel: Int { 3 }
    var stride: Int { 2 }
    var rowsPerUnit: Int { 6 }
    var rowsAhead: Int { 1 }
    var unitsPerCall: Int { rows / 3 }
    var unitsPerStep: Int { rows / 3 }
    var productRows: Int { 7 * (rows / 3) }

    func inputRows(for count: Int) -> Int { (count + 2) / 3 * 6 + 1 }

    func makeInput(units: Int, scratch: Workspace, slot: Int) -> ConvolutionInput {
        let rowsOfUnit = [1, 1, 1, 1, 3]
        return ConvolutionInput(
            operands: rowsOfUnit.enumerated().map { index, rows in
                scratch.operand(slot + index, elementType, rows: units * rows, width: inputs)
            }, rowsOfUnit: rowsOfUnit)
    }

    func encode(
        _ rows: TensorView, units: Int, into input: ConvolutionInput, at start: Int,
        on kernels: Kernels, scratch: Workspace, slot: Int
    ) {
        kernels.encodeWinograd(
            rows, tiles: units,
            into: zip(input.operands, input.rowsOfUnit).map { operand, rows in
                operand.rows(start * rows..<(start + units) * rows)
            }, scratch: scratch, slot: slot)
    }

    func multiply(
        _ input: ConvolutionInput, into output: TensorView, scratch: Workspace
    ) -> Epilogue {
        let tiles = rows / 3
        var products: [Product] = []
        for (index, matrix) in matrices.enumerated() {
            let count = index < 4 ? tiles : rows
            products.append(
                matrix.multiply(
                    input.operands[index].rows(0..<count),
                    into: output.rows(index * tiles..<index * tiles + count), scratch: scratch))
        }
        var epilogue = Epilogue(products)
        epilogue.isWinograd = true
        return epilogue
    }
}
