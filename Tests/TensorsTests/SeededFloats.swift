internal import CKernels
internal import Tensors
internal import Testing

/// Reproducible floats and numbers for tests.
struct SeededFloats: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// `count` values within [-bound, bound].
    mutating func floats(_ count: Int, bound: Float = 2) -> [Float] {
        (0..<count).map { _ in Float.random(in: -bound...bound, using: &self) }
    }
}

/// Rows of floats that a test owns and lends to kernels.
final class Matrix {
    let rows: Int
    let width: Int
    private let storage: AlignedFloats
    private let offset: Int

    /// - Parameter offset: floats by which the first row is shifted from its cache line.
    init(_ values: [Float], rows: Int, width: Int, offset: Int = 0) {
        precondition(values.count == rows * width, "a shape holds all values")
        self.rows = rows
        self.width = width
        self.offset = offset
        storage = AlignedFloats(zeros: values.count + offset)
        (storage.base + offset).update(from: values, count: values.count)
    }

    convenience init(zeros rows: Int, _ width: Int) {
        self.init([Float](repeating: 0, count: rows * width), rows: rows, width: width)
    }

    var view: TensorView { TensorView(base: storage.base + offset, rows: rows, width: width) }
    var values: [Float] {
        Array(UnsafeBufferPointer(start: storage.base + offset, count: rows * width))
    }
    var buffer: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: storage.base + offset, count: rows * width)
    }
    func row(_ index: Int) -> [Float] { Array(values[index * width..<(index + 1) * width]) }
}

/// The largest |a − b|; infinite where one is NaN.
func largestDifference(_ a: [Float], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { largest, pair in
        let difference = abs(Double(pair.0) - pair.1)
        return difference.isNaN ? .infinity : max(largest, difference)
    }
}

/// One table of kernels that this processor runs.
struct KernelSet: Sendable, CustomTestStringConvertible {
    let instructionSet: InstructionSet
    let precision: ArithmeticClass.Precision
    let kernels: Kernels
    /// The same, for what only C sees.
    let table: ck_table

    static let here: [KernelSet] = [
        (InstructionSet.portable, ArithmeticClass.Precision.fp32, ck_portable),
        (.neon, .fp32, ck_neon), (.avx2, .fp32, ck_avx2), (.avx512, .fp32, ck_avx512),
        (.avxvnni, .int8, ck_can_run(ck_avx2_vnni) ? ck_avx2_vnni : ck_avx2_vnni_evex),
        (.avx512, .bf16, ck_avx512_narrow), (.amx, .bf16, ck_amx),
    ].compactMap { instructionSet, precision, table in
        Kernels(instructionSet, for: precision).map { kernels in
            KernelSet(
                instructionSet: instructionSet, precision: precision, kernels: kernels,
                table: ck_kernels(table).pointee)
        }
    }

    var testDescription: String { "\(instructionSet.rawValue) for \(precision.rawValue)" }
}
