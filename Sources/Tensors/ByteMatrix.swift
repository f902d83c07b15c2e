internal import CKernels

/// Weights as bytes for processors without AVX-512's instruction that adds up four products of bytes.
///
/// oneDNN has kernels for AVX2 too, but copies all weights in each call and lets the sum of two products
/// overflow 16 bits; here the scales of the weights leave it room. On NEON no library is held to one order of sums.
// Unchecked: the packed bytes are written only in `init`, before anyone else sees them, and are read from
// then on; C needs them at one address, which an array does not promise.
final class ByteMatrix: PackedMatrix, @unchecked Sendable {
    let columns: Int
    let depth: Int
    private let kernels: Kernels
    private let weights: ByteWeights
    private let packed: AlignedFloats

    init(_ weights: [Float], columns: Int, depth: Int, kernels: Kernels) {
        self.columns = columns
        self.depth = depth
        self.kernels = kernels
        let (quantized, bytes) = ByteWeights.quantizing(
            weights, columns: columns, depth: depth, forPairs: true)
        self.weights = quantized
        packed = AlignedFloats(zeros: (ck_packed_bytes(columns, depth) + 3) / 4)
        ck_pack_bytes(
            bytes, columns, depth,
            UnsafeMutableRawPointer(packed.base).assumingMemoryBound(to: Int8.self))
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
