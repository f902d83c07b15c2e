internal import CKernels

/// What turns the sums of a product of bytes back into floats: for each column of weights its scale and
/// the sum of its bytes.
// Unchecked: both are written only in `quantizing`, before it gives the object away, and are read from then
// on; products hold their addresses, which arrays do not promise to keep.
final class ByteWeights: @unchecked Sendable {
    private let scaleMemory: AlignedFloats
    private let sumMemory: AlignedFloats

    private init(columns: Int) {
        scaleMemory = AlignedFloats(zeros: columns)
        sumMemory = AlignedFloats(zeros: columns)
    }

    /// Weights [columns, depth] as signed bytes of that shape.
    ///
    /// - Parameter forPairs: leave room for the sum of two products in 16 bits.
    static func quantizing(
        _ weights: [Float], columns: Int, depth: Int, forPairs: Bool
    ) -> (ByteWeights, bytes: [Int8]) {
        let result = ByteWeights(columns: columns)
        let bytes = [Int8](unsafeUninitializedCapacity: weights.count) { target, count in
            if let first = target.baseAddress {
                ck_quantize_weights(
                    weights, columns, depth, forPairs, first, result.scaleMemory.base,
                    UnsafeMutablePointer(mutating: result.sums))
            }
            count = weights.count
        }
        return (result, bytes)
    }

    var scales: UnsafePointer<Float> { UnsafePointer(scaleMemory.base) }
    var sums: UnsafePointer<Int32> {
        UnsafeRawPointer(sumMemory.base).assumingMemoryBound(to: Int32.self)
    }
}
