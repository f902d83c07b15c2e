internal import CKernels
internal import Glibc
internal import Tensors

/// One call of the kernel between two multiplications: random operands, and what becomes of them.
struct EpilogueCase: CustomStringConvertible {
    enum Target: CaseIterable { case inPlace, separate, residual }

    var rows = 1
    var width = 1
    var productCount = 1
    /// Whether products hold integers.
    var areIntegers = false
    /// The products are those of a Winograd convolution.
    var isWinograd = false
    var hasBias = false
    var hasNorm = false
    var keepsUnnormed = false
    var activation = KernelActivation.linear
    var target = Target.inPlace
    var hasResidual = false
    var encoding: ck_element_type?

    /// Floats, or integers as floats, of each product.
    var products: [[Float]] = []
    var rowScales: [[Float]] = []
    var rowZeros: [[Int32]] = []
    var columnScales: [[Float]] = []
    var columnSums: [[Int32]] = []
    var bias: [Float] = []
    var gamma: [Float] = []
    var beta: [Float] = []
    var residual: [Float] = []

    static let epsilon: Float = 1e-5

    init() {}

    /// Any allowed combination.
    init(random: inout SeededFloats) {
        rows = Int.random(in: 1...9, using: &random)
        width = KernelTests.widths.dropLast().randomElement(using: &random) ?? 1
        productCount = Int.random(in: 1...3, using: &random)
        areIntegers = Bool.random(using: &random)
        hasBias = Bool.random(using: &random)
        hasNorm = Bool.random(using: &random)
        activation =
            [.linear, .gelu, .geluTanh, .relu, .tanh, .swish].randomElement(using: &random)
            ?? .linear
        encoding = [nil, ck_float32, ck_bfloat16, ck_uint8].randomElement(using: &random) ?? nil
        target = Target.allCases.randomElement(using: &random) ?? .inPlace
        hasResidual = target == .residual || Bool.random(using: &random)
        if target != .inPlace && Bool.random(using: &random) {
            isWinograd = true
            productCount = 5
        }
        keepsUnnormed = hasNorm && target != .inPlace && !isWinograd && Bool.random(using: &random)
        fill(&random)
    }

    mutating func fill(_ random: inout SeededFloats) {
        func integers(_ count: Int, _ bound: Int32) -> [Int32] {
            (0..<count).map { _ in Int32.random(in: -bound...bound, using: &random) }
        }
        for product in 0..<productCount {
            let rows = rows(ofProduct: product)
            products.append(
                areIntegers
                    ? integers(rows * width, 300_000).map { Float($0) }
                    : random.floats(rows * width))
            rowScales.append((0..<rows).map { _ in Float.random(in: 1e-3...4e-3, using: &random) })
            rowZeros.append((0..<rows).map { _ in Int32.random(in: 0...255, using: &random) })
            columnScales.append(
                (0..<width).map { _ in Float.random(in: 5e-4...2e-3, using: &random) })
            columnSums.append(integers(width, 1_000))
        }
        bias = random.floats(width)
        gamma = random.floats(width)
        beta = random.floats(width)
        residual = random.floats(rows * width)
    }

    func rows(ofProduct product: Int) -> Int {
        isWinograd && product < 4 ? (rows + 2) / 3 : rows
    }

    /// These rows alone; they begin a tile of three where there are tiles.
    func only(_ range: Range<Int>) -> EpilogueCase {
        var part = self
        part.rows = range.count
        for product in products.indices {
            let some =
                isWinograd && product < 4
                ? range.lowerBound / 3..<(range.upperBound + 2) / 3 : range
            part.products[product] = Array(
                products[product][some.lowerBound * width..<some.upperBound * width])
            part.rowScales[product] = Array(rowScales[product][some])
            part.rowZeros[product] = Array(rowZeros[product][some])
        }
        part.residual = Array(residual[range.lowerBound * width..<range.upperBound * width])
        return part
    }

    var description: String {
        "\(rows) x \(width), \(productCount) products, integers \(areIntegers), "
            + "bias \(hasBias), norm \(hasNorm), keeps \(keepsUnnormed), \(activation), "
            + "into \(target), residual \(hasResidual), "
            + "encoding \(encoding.map { "\($0.rawValue)" } ?? "none"), Winograd \(isWinograd)"
    }

    /// The products that a row is the sum of: which, its row there, and the sign.
    private func terms(of row: Int) -> [(product: Int, row: Int, sign: Double)] {
        guard isWinograd else { return (0..<productCount).map { ($0, row, 1) } }
        let sums: [[(Int, Double)]] = [
            [(0, 1), (1, 1), (2, 1)], [(1, 1), (2, -1)], [(1, 1), (2, 1), (3, 1)],
        ]
        return sums[row % 3].map { ($0.0, row / 3, $0.1) } + [(4, row, 1)]
    }

    // MARK: In double precision

    /// Before norm, and after everything; how far floats may be from the latter.
    func expected(row: Int) -> (sum: [Double], finished: [Double], tolerance: Double) {
        let sum = (0..<width).map { column in
            var value = 0.0
            for term in terms(of: row) {
                let number = Double(products[term.product][term.row * width + column])
                if areIntegers {
                    let zero = Double(rowZeros[term.product][term.row])
                    value +=
                        term.sign * (number - zero * Double(columnSums[term.product][column]))
                        * Double(rowScales[term.product][term.row])
                        * Double(columnScales[term.product][column])
                } else {
                    value += term.sign * number
                }
            }
            if hasBias { value += Double(bias[column]) }
            if hasResidual { value += Double(residual[row * width + column]) }
            return value
        }
        let magnitude = sum.reduce(0) { max($0, abs($1)) }
        guard hasNorm else {
            return (
                sum, sum.map { KernelReference.apply(activation, $0) }, 2e-6 * (3 + magnitude)
            )
        }
        let mean = sum.reduce(0, +) / Double(width)
        let variance = sum.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
        let scale = 1 / (variance + Double(Self.epsilon)).squareRoot()
        let finished = (0..<width).map { column in
            KernelReference.apply(
                activation,
                (sum[column] - mean) * scale * Double(gamma[column]) + Double(beta[column]))
        }
        // A rounding of the largest value is magnified by the norm's scale.
        return (sum, finished, 2e-6 * (3 + magnitude * scale))
    }
}

/// What functions are in double precision.
enum KernelReference {
    static func apply(_ activation: KernelActivation, _ x: Double) -> Double {
        switch activation {
        case .linear: x
        case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        case .geluTanh:
            0.5 * x * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .relu: max(x, 0)
        case .tanh: Glibc.tanh(x)
        case .swish: x / (1 + exp(-x))
        }
    }

    static func float(ofBFloat16 half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

    /// To nearest even.
    static func bfloat16(_ value: Float) -> UInt16 {
        let bits = UInt64(value.bitPattern)
        return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    }
}

/// What a kernel left in memory.
struct EpilogueResult: Equatable {
    /// Bits of the output, or of the first product where there is none.
    var floats: [UInt32] = []
    /// Bits of the first product.
    var product: [UInt32] = []
    /// Values of the operand, one number each, with the gaps between its rows.
    var encoded: [UInt32] = []
    var scales: [UInt32] = []
    var zeros: [Int32] = []
    /// Whether nothing was written beside the rows.
    var keepsToItsRows = true
}

extension EpilogueCase {
    /// Calls the kernel with everything at odd addresses and, where allowed, gaps between rows.
    func run(_ table: ck_table, offset: Int = 1, gap: Int = 3) -> EpilogueResult {
        let memory = Arena(offset: offset)
        let stride = width + gap
        var epilogue = ck_epilogue()
        var first: UnsafeMutablePointer<UInt32>?
        withUnsafeMutableBytes(of: &epilogue.products) { bytes in
            let slots = bytes.assumingMemoryBound(to: ck_product.self)
            for index in products.indices {
                let words = products[index].map { value in
                    areIntegers
                        ? UInt32(bitPattern: Int32(value)) : value.bitPattern
                }
                let values = memory.rows(
                    words, width: width, stride: stride, rows: rows(ofProduct: index))
                if index == 0 { first = values }
                slots[index] = ck_product(
                    values: values, stride: stride, row_scales: nil, row_zeros: nil,
                    column_scales: nil, column_sums: nil)
                if areIntegers {
                    slots[index].row_scales = UnsafePointer(memory.copy(rowScales[index]))
                    slots[index].row_zeros = UnsafePointer(memory.copy(rowZeros[index]))
                    slots[index].column_scales = UnsafePointer(memory.copy(columnScales[index]))
                    slots[index].column_sums = UnsafePointer(memory.copy(columnSums[index]))
                }
            }
        }
        epilogue.product_count = products.count
        epilogue.is_winograd = isWinograd
        if hasBias { epilogue.bias = UnsafePointer(memory.copy(bias)) }
        var added: UnsafeMutablePointer<UInt32>?
        if hasResidual {
            added = memory.rows(
                residual.map(\.bitPattern), width: width, stride: stride, rows: rows)
            epilogue.residual = added.map {
                UnsafeRawPointer($0).assumingMemoryBound(to: Float.self)
            }
            epilogue.residual_stride = stride
        }
        if hasNorm {
            epilogue.gamma = UnsafePointer(memory.copy(gamma))
            epilogue.beta = UnsafePointer(memory.copy(beta))
            epilogue.epsilon = Self.epsilon
        }
        epilogue.keeps_unnormed = keepsUnnormed
        epilogue.activation = activation.number
        let output: UnsafeMutablePointer<UInt32>? =
            switch target {
            case .inPlace: nil
            case .separate: memory.rows([], width: width, stride: stride, rows: rows)
            case .residual: added
            }
        epilogue.output = output.map {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self)
        }
        epilogue.output_stride = stride

        let encodedStride = width + 5
        var scales: UnsafeMutablePointer<Float>?
        var zeros: UnsafeMutablePointer<Int32>?
        let encoded = memory.bytes(rows * encodedStride * 4)
        if let encoding {
            scales = memory.copy([Float](repeating: -7, count: rows))
            zeros = memory.copy([Int32](repeating: -7, count: rows))
            epilogue.encoded = ck_operand(
                element_type: encoding, values: encoded, stride: encodedStride, scales: scales,
                zeros: zeros)
        }
        table.apply_epilogue(&epilogue, rows, width)

        var result = EpilogueResult()
        result.keepsToItsRows = memory.gapsAreUntouched
        guard let first else { return result }
        result.product = Arena.values(
            first, width: width, stride: stride, rows: rows(ofProduct: 0))
        result.floats =
            output.map { Arena.values($0, width: width, stride: stride, rows: rows) }
            ?? result.product
        guard let encoding else { return result }
        for row in 0..<rows {
            for column in 0..<encodedStride {
                let at = row * encodedStride + column
                let value: UInt32 =
                    switch encoding {
                    case ck_float32: encoded.load(fromByteOffset: 4 * at, as: UInt32.self)
                    case ck_bfloat16: UInt32(encoded.load(fromByteOffset: 2 * at, as: UInt16.self))
                    default: UInt32(encoded.load(fromByteOffset: at, as: UInt8.self))
                    }
                if column < width {
                    result.encoded.append(value)
                } else if value != Arena.gap(of: encoding) {
                    result.keepsToItsRows = false
                }
            }
        }
        if encoding == ck_uint8, let scales, let zeros {
            result.scales = (0..<rows).map { scales[$0].bitPattern }
            result.zeros = (0..<rows).map { zeros[$0] }
        }
        return result
    }
}

extension KernelActivation {
    var number: ck_activation {
        switch self {
        case .linear: ck_activation_linear
        case .gelu: ck_activation_gelu
        case .geluTanh: ck_activation_gelu_tanh
        case .relu: ck_activation_relu
        case .tanh: ck_activation_tanh
        case .swish: ck_activation_swish
        }
    }
}

/// Memory of one call, with a pattern in the gaps between rows.
final class Arena {
    private static let pattern: UInt32 = 0x7B7B_7B7B
    private let offset: Int
    private var pieces: [UnsafeMutableRawPointer] = []
    private var gaps: [UnsafeMutablePointer<UInt32>] = []

    /// - Parameter offset: floats by which everything is shifted from its cache line.
    init(offset: Int) { self.offset = offset }

    deinit { for piece in pieces { piece.deallocate() } }

    /// `count` bytes of the pattern, and some more.
    func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        let piece = UnsafeMutableRawPointer.allocate(
            byteCount: count + 4 * offset + 64, alignment: 64)
        piece.initializeMemory(as: UInt8.self, repeating: 0x7B, count: count + 4 * offset + 64)
        pieces.append(piece)
        return piece + 4 * offset
    }

    func copy<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
        let target = bytes(values.count * MemoryLayout<Value>.stride)
            .bindMemory(to: Value.self, capacity: values.count)
        target.update(from: values, count: values.count)
        return target
    }

    /// Room for `rows` rows; the first hold `values`.
    func rows(
        _ values: [UInt32], width: Int, stride: Int, rows: Int
    ) -> UnsafeMutablePointer<UInt32> {
        let target = bytes(rows * stride * 4).bindMemory(to: UInt32.self, capacity: rows * stride)
        for (index, value) in values.enumerated() {
            target[index / width * stride + index % width] = value
        }
        for row in 0..<rows {
            for column in width..<stride + (row + 1 == rows ? 4 : 0) {
                gaps.append(target + row * stride + column)
            }
        }
        return target
    }

    var gapsAreUntouched: Bool { gaps.allSatisfy { $0.pointee == Self.pattern } }

    static func values(
        _ base: UnsafeMutablePointer<UInt32>, width: Int, stride: Int, rows: Int
    ) -> [UInt32] {
        (0..<rows).flatMap { row in (0..<width).map { base[row * stride + $0] } }
    }

    static func gap(of type: ck_element_type) -> UInt32 {
        switch type {
        case ck_float32: pattern
        case ck_bfloat16: pattern & 0xFFFF
        default: pattern & 0xFF
        }
    }
}
