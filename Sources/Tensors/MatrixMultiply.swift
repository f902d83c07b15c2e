package import PackedWeights

/// All large matrix multiplications: chooses the library, the element type and the rows of a call.
///
/// OpenBLAS multiplies in float32 on every processor, and the others are tested against it; oneDNN has
/// packed weights and all precisions; bytes on AVX2 and NEON are multiplied by kernels of ours, see ``ByteMatrix``.
package struct MatrixMultiply: Sendable {
    /// The sizes of calls whose rows come from several utterances.
    package let tiling: RowTiling
    /// How operands are stored.
    package let elementType: Operand.ElementType
    /// Rows of a call whose rows are of one utterance, in the extractor: a third of them is a multiple of
    /// the alignment.
    package let rowsOfOneUtterance: Int
    /// What was seen of the class on this machine.
    package let checked = CheckedShapes()
    /// Bytes that the library wants of each thread beside operands and results: the most of all products that were made.
    package var libraryScratchBytes: Int {
        arithmetic.library == .oneDNN ? OneDNNMatrix.scratchBytes : 0
    }
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
        case (.oneDNN, .amx):
            // With fewer rows, or more, oneDNN cuts the depth otherwise, and bfloat16 is summed in another order. More
            // rows a call read weights less often, most of which do not fit the second-level cache.
            tiling = RowTiling(largest: 128, step: 64, alignment: 1)
            rowsOfOneUtterance = 96
        case (.oneDNN, .avx512):
            // Weights are packed once, so that few rows already run at full speed; and a row's sums
            // are the same wherever it stands and whatever the number of rows. More rows read weights
            // less often, which matters most where they are wider than the second-level cache.
            tiling = RowTiling(largest: 128, step: 16, alignment: 1)
            rowsOfOneUtterance = 96
        case (.oneDNN, _):
            // Its AVX2 kernels take rows by six and sum one or two that are left in another order.
            tiling = RowTiling(largest: 48, step: 6, alignment: 1)
            rowsOfOneUtterance = 144
        }
    }

    /// Weights made ready for multiplying by them, or found so.
    ///
    /// - Parameters:
    ///   - inputStride: elements from row to row of the operand; nil is `depth`.
    ///   - rows: of each call; nil is any that ``tiling`` gives.
    ///   - keepsFloats: multiply in float32 whatever the precision, for what bears nothing less.
    ///   - weights: gives [columns, depth], as linear layers store them, where the ledger has no packed ones.
    package func pack<Failure: ArithmeticRefusal>(
        columns: Int, depth: Int, inputStride: Int? = nil, rows: Int? = nil,
        keepsFloats: Bool = false, ledger: PackingLedger, weights: () throws(Failure) -> [Float]
    ) throws(Failure) -> any PackedMatrix {
        let shape = ProductShape(
            columns: columns, depth: depth, inputStride: inputStride ?? depth,
            rows: rows.map { [$0] } ?? tiling.sizes, keepsFloats: keepsFloats)
        try Failure.mapping { () throws(ArithmeticError) in
            try checked.require(shape, of: arithmetic) { () throws(ArithmeticError) in
                try outcome(of: shape)
            }
        }
        return try matrix(shape, ledger) { () throws(Failure) in
            let weights = try weights()
            precondition(weights.count == columns * depth, "a shape holds all values")
            return weights
        }
    }

    /// Looks at products of weights [columns, depth], whether or not they were looked at before.
    ///
    /// - Returns: a checksum of the results' bits, which every thread of every machine of the class has.
    /// - Throws: if they are not what the class promises, or the library has no such product.
    package func check(columns: Int, depth: Int) throws(ArithmeticError) -> UInt64 {
        let shape = ProductShape(
            columns: columns, depth: depth, inputStride: depth, rows: tiling.sizes,
            keepsFloats: false)
        let outcome = try outcome(of: shape)
        try checked.require(shape, of: arithmetic, check: { outcome })
        return outcome.checksum
    }

    /// Looks at the kernels between products.
    ///
    /// - Throws: if they are not what the class promises.
    package func checkKernels() throws(ArithmeticError) {
        let check = KernelCheck(kernels: kernels, elementType: elementType)
        if let failure = check.failure() { throw CheckedShapes.refusal(arithmetic, failure) }
    }

    private func outcome(of shape: ProductShape) throws(ArithmeticError) -> ProductCheck.Outcome {
        let check = ProductCheck(
            shape: shape, elementType: shape.keepsFloats ? .float32 : elementType,
            alignment: tiling.alignment, kernels: kernels)
        return try check.outcome { (weights) throws(ArithmeticError) in
            try matrix(shape, PackingLedger()) { () throws(ArithmeticError) in weights }
        }
    }

    private func matrix<Failure: ArithmeticRefusal>(
        _ shape: ProductShape, _ ledger: PackingLedger, weights: () throws(Failure) -> [Float]
    ) throws(Failure) -> any PackedMatrix {
        let (columns, depth) = (shape.columns, shape.depth)
        if isOfBytes && !shape.keepsFloats && !kernels.hasNarrowProducts {
            return try ByteMatrix(
                columns: columns, depth: depth, kernels: kernels, ledger: ledger, weights: weights)
        }
        switch arithmetic.library {
        case .openBLAS:
            return try OpenBLASMatrix(
                columns: columns, depth: depth, ledger: ledger, weights: weights)
        case .oneDNN:
            return try OneDNNMatrix(
                columns: columns, depth: depth, inputStride: shape.inputStride, rows: shape.rows,
                precision: shape.keepsFloats ? .fp32 : arithmetic.precision, ledger: ledger,
                weights: weights)
        }
    }

    private var isOfBytes: Bool { elementType == .uint8 }
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
