internal import CKernels
internal import COneDNN
internal import PackedWeights
internal import Synchronization

/// Weights in the layout that oneDNN wants, in one of its precisions.
// Unchecked: the packed weights are written only while the matrix is made.
final class OneDNNMatrix: PackedMatrix, @unchecked Sendable {
    let columns: Int
    let depth: Int
    private let inputStride: Int
    /// One for each number of rows that a call may have, fewest first; all read the same packing.
    private let products: [OneDNNProduct]
    private let packed: AlignedFloats
    /// For integers.
    private let byteWeights: ByteWeights?

    init<Failure: ArithmeticRefusal>(
        columns: Int, depth: Int, inputStride: Int, rows: [Int],
        precision: ArithmeticClass.Precision, ledger: PackingLedger,
        weights: () throws(Failure) -> [Float]
    ) throws(Failure) {
        self.columns = columns
        self.depth = depth
        self.inputStride = inputStride
        var products: [OneDNNProduct] = []
        for rows in rows.sorted() {
            products.append(
                try Failure.mapping { () throws(ArithmeticError) in
                    try OneDNNProduct.with(
                        onednn_shape(
                            precision: onednn_precision(precision), rows: rows, depth: depth,
                            columns: columns, input_stride: inputStride, output_stride: columns))
                })
        }
        self.products = products
        let product = products[0]
        guard products.allSatisfy({ $0.packsLike(product) }) else {
            throw Failure(
                refused: ArithmeticError(
                    .otherLibrary,
                    "this oneDNN packs weights [\(columns), \(depth)] differently for different "
                        + "numbers of rows; choose OpenBLAS with --arithmetic"))
        }
        let packedFloats = (product.packedBytes + 3) / 4
        let counts = precision == .int8 ? [packedFloats, columns, columns] : [packedFloats]
        let pieces = try ledger.pieces(counts) { (pieces) throws(Failure) in
            guard product.pack(try weights(), in: precision, into: pieces) else {
                throw Failure(
                    refused: ArithmeticError(
                        .libraryMissing,
                        "oneDNN could not pack weights [\(columns), \(depth)]; choose OpenBLAS "
                            + "with --arithmetic"))
            }
        }
        packed = pieces[0]
        byteWeights =
            precision == .int8 ? ByteWeights(scales: pieces[1], sums: pieces[2]) : nil
    }

    func multiply(_ input: Operand, into output: TensorView, scratch: Workspace) -> Product {
        guard let product = products.first(where: { $0.shape.rows == input.rows }) else {
            preconditionFailure("a call has a elementType of rows that was prepared for")
        }
        precondition(
            input.width == depth && input.stride == inputStride,
            "the operand is what was prepared for")
        precondition(
            output.rows == input.rows && output.width == columns && output.isContiguous,
            "the output is what was prepared for")
        let memory = scratch.view(
            Workspace.librarySlot, rows: 1, width: (product.scratchBytes + 3) / 4)
        let isDone = product.run(input.base, packed.base, output.base, memory.base)
        // A primitive that was made and fed what it was made for does not fail.
        precondition(isDone, "oneDNN computes a product that it has prepared")
        return Product(values: output, operand: input, weights: byteWeights)
    }

    /// The most that a product that was made in this process wants of a thread's memory.
    static var scratchBytes: Int { OneDNNProduct.scratchBytesMax }
}

/// A product of fixed extents as oneDNN has compiled it, shared by all weights of its shape.
// Unchecked: the library's primitives may be run by any number of threads.
private final class OneDNNProduct: @unchecked Sendable {
    let shape: onednn_shape
    private let handle: OpaquePointer

    private static let made = Mutex<[OneDNNProduct]>([])

    /// The product of `shape`, made by the first who asks.
    static func with(_ shape: onednn_shape) throws(ArithmeticError) -> OneDNNProduct {
        try made.withLock { (made) throws(ArithmeticError) -> OneDNNProduct in
            if let product = made.first(where: { $0.shape.isSame(as: shape) }) { return product }
            let product = try OneDNNProduct(shape)
            made.append(product)
            return product
        }
    }

    static var scratchBytesMax: Int {
        made.withLock { made in made.map(\.scratchBytes).max() ?? 0 }
    }

    private init(_ shape: onednn_shape) throws(ArithmeticError) {
        var problem: UnsafePointer<CChar>?
        guard let handle = onednn_product_make(shape, &problem) else {
            throw ArithmeticError(
                .libraryMissing,
                problem.map { String(cString: $0) } ?? "oneDNN has no such matrix product")
        }
        self.shape = shape
        self.handle = handle
    }

    deinit { onednn_product_free(handle) }

    var packedBytes: Int { onednn_product_packed_bytes(handle) }
    var scratchBytes: Int { onednn_product_scratch_bytes(handle) }

    func packsLike(_ other: OneDNNProduct) -> Bool {
        onednn_product_packs_like(handle, other.handle)
    }

    /// Packs weights [columns, depth].
    ///
    /// - Parameter pieces: the packed weights; for bytes the scales and sums of columns behind them.
    func pack(
        _ weights: [Float], in precision: ArithmeticClass.Precision, into pieces: [AlignedFloats]
    ) -> Bool {
        switch precision {
        case .fp32: return weights.withUnsafeBytes { pack($0, into: pieces[0]) }
        case .bf16:
            let halves = [UInt16](unsafeUninitializedCapacity: weights.count) { target, count in
                if let first = target.baseAddress { ck_to_bfloat16(weights, weights.count, first) }
                count = weights.count
            }
            return halves.withUnsafeBytes { pack($0, into: pieces[0]) }
        case .int8:
            let bytes = ByteWeights.quantize(
                weights, columns: shape.columns, depth: shape.depth, forPairs: false,
                scales: pieces[1], sums: pieces[2])
            return bytes.withUnsafeBytes { pack($0, into: pieces[0]) }
        }
    }

    private func pack(_ weights: UnsafeRawBufferPointer, into packed: AlignedFloats) -> Bool {
        guard let first = weights.baseAddress else { return false }
        return onednn_product_pack(handle, first, packed.base)
    }

    func run(
        _ input: UnsafeRawPointer, _ packed: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
        _ scratch: UnsafeMutableRawPointer
    ) -> Bool {
        onednn_product_run(handle, input, packed, output, scratch)
    }
}

extension onednn_shape {
    fileprivate func isSame(as other: onednn_shape) -> Bool {
        precision == other.precision && rows == other.rows && depth == other.depth
            && columns == other.columns && input_stride == other.input_stride
            && output_stride == other.output_stride
    }
}
