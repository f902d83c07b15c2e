internal import CKernels

/// What turns the sums of a product of bytes back into floats: for each column of weights its scale and
/// the sum of its bytes.
// Unchecked: both are written only in `quantize`, before an object is made of them, and are read from then
// on; products hold their addresses, which arrays do not promise to keep.
final class ByteWeights: @unchecked Sendable {
    private let scaleMemory: AlignedFloats
    private let sumMemory: AlignedFloats

    /// - Parameters:
    ///   - scales: [columns].
    ///   - sums: [columns], 32-bit integers in the place of floats.
    init(scales: AlignedFloats, sums: AlignedFloats) {
        scaleMemory = scales
        sumMemory = sums
    }

    /// Weights [columns, depth] as signed bytes of that shape.
    ///
    /// - Parameters:
    ///   - forPairs: leave room for the sum of two products in 16 bits.
    ///   - scales: [columns], written.
    ///   - sums: [columns], written.
    static func quantize(
        _ weights: [Float], columns: Int, depth: Int, forPairs: Bool, scales: AlignedFloats,
        sums: AlignedFloats
    ) -> [Int8] {
        [Int8](unsafeUninitializedCapacity: weights.count) { target, count in
            if let first = target.baseAddress {
                ck_quantize_weights(
                    weights, columns, depth, forPairs, first, scales.base,
                    UnsafeMutableRawPointer(sums.base).assumingMemoryBound(to: Int32.self))
            }
            count = weights.count
        }
    }

    var scales: UnsafePointer<Float> { UnsafePointer(scaleMemory.base) }
    var sums: UnsafePointer<Int32> {
        UnsafeRawPointer(sumMemory.base).assumingMemoryBound(to: Int32.self)
    }
}
