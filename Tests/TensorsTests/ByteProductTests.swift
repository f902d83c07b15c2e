internal import CKernels
internal import Tensors
internal import Testing

/// Weights as bytes, and the products of bytes that our own kernels compute.
@Suite("Products of bytes") struct ByteProductTests {
    /// Weights as ck_quantize_weights gives them.
    private struct Quantized {
        var bytes: [Int8]
        var scales: [Float]
        var sums: [Int32]

        init(_ weights: [Float], columns: Int, depth: Int, forPairs: Bool) {
            bytes = [Int8](repeating: 0, count: columns * depth)
            scales = [Float](repeating: 0, count: columns)
            sums = [Int32](repeating: 0, count: columns)
            ck_quantize_weights(weights, columns, depth, forPairs, &bytes, &scales, &sums)
        }
    }

    @Test("weights of a column use all of ±127 and know their sum", arguments: [false, true])
    func weights(forPairs: Bool) {
        var random = SeededFloats(seed: 53)
        let (columns, depth) = (5, 77)
        var weights = random.floats(columns * depth)
        for index in 0..<depth { weights[3 * depth + index] = 0 }
        let quantized = Quantized(weights, columns: columns, depth: depth, forPairs: forPairs)
        for column in 0..<columns {
            let range = column * depth..<(column + 1) * depth
            let bytes = Array(quantized.bytes[range])
            #expect(quantized.sums[column] == bytes.reduce(0) { $0 + Int32($1) })
            // Of a single one, or of what has one sign in a pair.
            let reach =
                forPairs
                ? Self.largestOfPairs(bytes) : bytes.map { abs(Int($0)) }.max() ?? 0
            #expect(column == 3 ? reach == 0 : (126...128).contains(reach), "\(reach)")
            for index in range {
                let value = Float(quantized.bytes[index]) * quantized.scales[column]
                #expect(abs(value - weights[index]) <= 0.5001 * quantized.scales[column])
            }
        }
    }

    /// The largest magnitude that the bytes of a pair with the same sign add up to.
    private static func largestOfPairs(_ bytes: [Int8]) -> Int {
        stride(from: 0, to: bytes.count, by: 2).reduce(0) { largest, first in
            let pair = bytes[first..<min(first + 2, bytes.count)].map { Int($0) }
            let above = pair.reduce(0) { $0 + max(0, $1) }
            let below = pair.reduce(0) { $0 + max(0, -$1) }
            return max(largest, above, below)
        }
    }

    @Test("sums are exact, whatever the bytes", arguments: KernelSet.here)
    func exact(set: KernelSet) {
        var random = SeededFloats(seed: 71)
        for (rows, columns, depth) in [
            (48, 32, 768), (7, 16, 4), (1, 1, 1), (5, 33, 7), (13, 17, 770), (6, 15, 2311),
        ] {
            // Among them pairs of equal weights: the most that a pair adds up to.
            var weights = random.floats(columns * depth)
            if depth > 1 {
                for column in 0..<columns where column % 3 == 0 {
                    let value: Float = column % 2 == 0 ? 1.5 : -1.5
                    weights[column * depth] = value
                    weights[column * depth + 1] = value
                }
            }
            let quantized = Quantized(
                weights, columns: columns, depth: depth, forPairs: set.kernels.addsBytesInPairs)
            let stride = depth + 5
            let input = (0..<rows * stride).map { _ in
                Bool.random(using: &random) ? UInt8.max : .random(in: 0...255, using: &random)
            }
            let sums = multiply(
                input, stride: stride, rows: rows, by: quantized.bytes, columns: columns,
                depth: depth, table: set.table)
            var expected: [Int32] = []
            for row in 0..<rows {
                for column in 0..<columns {
                    expected.append(
                        (0..<depth).reduce(0) { sum, index in
                            sum + Int32(input[row * stride + index])
                                * Int32(quantized.bytes[column * depth + index])
                        })
                }
            }
            #expect(sums == expected, "\(rows) x \(depth) x \(columns)")
        }
    }

    private func multiply(
        _ input: [UInt8], stride: Int, rows: Int, by bytes: [Int8], columns: Int, depth: Int,
        table: ck_table
    ) -> [Int32] {
        let packed = UnsafeMutableRawPointer.allocate(
            byteCount: ck_packed_bytes(columns, depth), alignment: 64)
        defer { packed.deallocate() }
        let weights = packed.assumingMemoryBound(to: Int8.self)
        ck_pack_bytes(bytes, columns, depth, weights)
        var product = ck_byte_product(weights: weights, columns: columns, depth: depth)
        var sums = [Int32](repeating: .min, count: rows * columns)
        table.multiply_bytes(&product, input, stride, rows, &sums)
        return sums
    }
}
