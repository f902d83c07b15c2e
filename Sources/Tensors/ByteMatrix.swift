internal import CKernels
internal import PackedWeights

/// Weights as bytes for processors without AVX-512's instruction that adds up four products of bytes.
///
/// oneDNN has kernels for AVX2 too, but copies all weights in each call and lets the sum of two products
/// overflow 16 bits; here the scales of the weights leave it room, or four products are added up in 32 bits. On NEON no library is held to one order of sums.
// Unchecked: the packed bytes are written only in `init`, before anyone else sees them, and are read from
// then on; C needs them at one address, which an array does not promise.
final class ByteMatrix: PackedMatrix, @unchecked Sendable {
    let columns: Int
    let depth: Int
    private let kernels: Kernels
    private let weights: ByteWeights
    private let packed: AlignedFloats

    init<Failure: Error>(
        columns: Int, depth: Int, kernels: Kernels, ledger: PackingLedger,
        weights: () throws(Failure) -> [Float]
    ) throws(Failure) {
        self.columns = columns
        self.depth = depth
        self.kernels = kernels
        let bytes = ck_packed_bytes(columns, depth)
        let pieces = try ledger.pieces([(bytes + 3) / 4, columns, columns]) {
            (pieces) throws(Failure) in
            let quantized = ByteWeights.quantize(
                try weights(), columns: columns, depth: depth, forPairs: kernels.addsBytesInPairs,
                scales: pieces[1], sums: pieces[2])
            ck_pack_bytes(
                quantized, columns, depth,
                UnsafeMutableRawPointer(pieces[0].base).assumingMemoryBound(to: Int8.self))
        }
        packed = pieces[0]
        self.weights = ByteWeights(scales: pieces[1], sums: pieces[2])
    }

    func multiply(_ input: Operand, into output: TensorView, scratch: Workspace) -> Product {
        precondition(input.elementType == .uint8 && input.width == depth, "operands agree")
        precondition(
            input.rows == output.rows && output.width == columns && output.isContiguous,
            "shapes agree")
        let product = ck_byte_product(
            weights: UnsafeRawPointer(packed.base).assumingMemoryBound(to: Int8.self),
            columns: columns, depth: depth)
        kernels.multiplyBytes(product, input, into: output)
        return Product(values: output, operand: input, weights: weights)
    }
}
