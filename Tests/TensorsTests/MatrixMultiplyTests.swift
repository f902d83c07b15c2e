internal import EngineClasses
internal import PackedWeights
import Tensors
internal import Testing

/// What the packed layout relies on: a row's bits do not depend on the call it is in.
///
/// Each class in a process of its own, since the libraries choose their kernels once.
@Suite("Matrix multiplication") struct MatrixMultiplyTests {
    /// Columns, depth, and elements from one row to the next; nil rows are those of linear layers.
    struct Shape: CustomStringConvertible {
        let columns: Int
        let depth: Int
        var stride: Int?
        var call = Call.linear

        /// Whose number of rows a call has.
        enum Call { case linear, extractor, thirdOfExtractor }

        var description: String { "\(columns) x \(depth), rows \(stride ?? depth) apart" }
    }

    /// Base's layers, its extractor's windows of two rows and their first halves, the fixtures'
    /// models, and some odd ones.
    static let shapes =
        [
            (2304, 768), (768, 768), (3072, 768), (768, 3072), (768, 512), (32, 768),
            (768, 3840), (96, 32), (64, 32), (32, 64), (32, 24), (33, 48), (29, 7), (1, 5), (3, 1),
        ].map { Shape(columns: $0.0, depth: $0.1) } + [
            Shape(columns: 512, depth: 1024, stride: 1024, call: .extractor),
            Shape(columns: 512, depth: 512, stride: 1024, call: .extractor),
            Shape(columns: 512, depth: 512, call: .extractor),
            Shape(columns: 512, depth: 512, call: .thirdOfExtractor),
            Shape(columns: 24, depth: 24, stride: 48, call: .extractor),
            Shape(columns: 24, depth: 24, call: .thirdOfExtractor),
            Shape(columns: 17, depth: 15, stride: 45, call: .extractor),
        ]

    @Test("every product agrees with double precision", arguments: EngineClass.here)
    func agrees(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            try MatrixChecks(named).checkAgainstDoubles()
        }
    }

    @Test(
        "a row's bits depend neither on its place in the tile nor on other rows",
        arguments: EngineClass.here)
    func placeDoesNotMatter(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            try MatrixChecks(named).checkPlaces()
        }
    }

    @Test("threads that run one product do not disturb each other", arguments: EngineClass.here)
    func threads(named: EngineClass) async {
        await #expect(processExitsWith: .success) { [named] in
            try await MatrixChecks(named).checkThreads()
        }
    }

    @Test(
        "tiles cover all rows with the allowed sizes",
        arguments: [0, 1, 48, 49, 384, 385, 767, 768, 769, 1000])
    func tilesCover(rows: Int) {
        let tiling = RowTiling(largest: 384, step: 48, alignment: 12)
        let tiles = tiling.tiles(covering: rows)
        #expect(tiles.reduce(0) { $0 + $1.count } == tiling.paddedRows(rows))
        #expect(tiling.paddedRows(rows) >= rows && tiling.paddedRows(rows) < rows + 48)
        #expect(tiles.dropLast(2).allSatisfy { $0.count == 384 })
        #expect(tiles.allSatisfy { tiling.sizes.contains($0.count) })
        let lastTwo = tiles.suffix(2).map(\.count)
        #expect(tiles.count < 2 || lastTwo[0] == 384 || abs(lastTwo[0] - lastTwo[1]) <= 48)
        #expect(zip(tiles, tiles.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }

    @Test("threads that share few rows have smaller tiles, and one alone has the usual ones")
    func sharedTiles() {
        let tiling = RowTiling(largest: 128, step: 16, alignment: 1)
        #expect(tiling.sharing(500, among: 1) == tiling)
        #expect(tiling.sharing(5_000, among: 16) == tiling)
        #expect(tiling.sharing(500, among: 8).largest == 64)
        #expect(tiling.sharing(500, among: 8).tiles(covering: 500).count == 8)
        // Not so small that reading weights takes longest.
        #expect(tiling.sharing(100, among: 16).largest == 32)
        #expect(tiling.sharing(500, among: 8).paddedRows(500) == tiling.paddedRows(500))
        let wide = RowTiling(largest: 192, step: 192, alignment: 12)
        #expect(wide.sharing(100, among: 8) == wide)
    }
}

/// What is checked of one class's multiplication.
struct MatrixChecks {
    typealias Shape = MatrixMultiplyTests.Shape

    let backend: ComputeBackend

    init(_ named: EngineClass) throws {
        ComputeThread.prepare()
        backend = try named.activate()
    }

    private func rows(of shape: Shape) -> Int {
        switch shape.call {
        case .linear: backend.multiply.tiling.largest
        case .extractor: backend.multiply.rowsOfOneUtterance
        case .thirdOfExtractor: backend.multiply.rowsOfOneUtterance / 3
        }
    }

    private func pack(_ weights: [Float], _ shape: Shape) throws -> any PackedMatrix {
        try backend.multiply.pack(
            columns: shape.columns, depth: shape.depth, inputStride: shape.stride,
            rows: shape.call == .linear ? nil : rows(of: shape), ledger: PackingLedger()
        ) { () throws(ArithmeticError) in weights }
    }

    /// input × weightsᵀ as floats, through the class's own numbers.
    private func multiply(
        _ input: [Float], by matrix: any PackedMatrix, rows: Int, stride: Int?, scratch: Workspace
    ) -> [Float] {
        let source = Matrix(input, rows: rows, width: matrix.depth)
        let operand = scratch.operand(
            1, backend.multiply.elementType, rows: rows, width: stride ?? matrix.depth
        ).columns(0..<matrix.depth)
        var encoding = Epilogue([Product(source.view)])
        encoding.encoded = operand
        backend.kernels.apply(encoding)
        let output = Matrix(zeros: rows, matrix.columns)
        let product = matrix.multiply(operand, into: output.view, scratch: scratch)
        backend.kernels.apply(Epilogue([product]))
        return output.values
    }

    func checkAgainstDoubles() throws {
        for shape in MatrixMultiplyTests.shapes where shape.columns * shape.depth < 1 << 20 {
            var random = SeededFloats(seed: UInt64(shape.columns + shape.depth))
            let rows = rows(of: shape)
            let x = random.floats(rows * shape.depth)
            let w = random.floats(shape.columns * shape.depth, bound: 0.3)
            let y = multiply(
                x, by: try pack(w, shape), rows: rows, stride: shape.stride, scratch: Workspace())
            // Some rows and columns of each.
            for row in Set([0, 1, rows / 2, rows - 1]) {
                for column in Set([0, shape.columns / 2, shape.columns - 1]) {
                    let (expected, bound) = product(
                        of: Array(x[row * shape.depth..<(row + 1) * shape.depth]),
                        and: Array(w[column * shape.depth..<(column + 1) * shape.depth]))
                    let value = Double(y[row * shape.columns + column])
                    #expect(
                        abs(value - expected) <= bound,
                        "\(backend.arithmetic): \(shape), row \(row), column \(column)")
                }
            }
        }
    }

    /// A row times a column of weights, and how far this class may be from it.
    private func product(of x: [Float], and w: [Float]) -> (Double, bound: Double) {
        func sum(_ x: [Float], _ w: [Float]) -> Double {
            zip(x, w).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let roundings = 2e-7 * zip(x, w).reduce(1.0) { $0 + abs(Double($1.0) * Double($1.1)) }
        switch backend.arithmetic.precision {
        case .fp32: return (sum(x, w), roundings)
        case .bf16:
            // Exactly what bfloat16 says, but for the sum's roundings.
            func rounded(_ values: [Float]) -> [Float] {
                values.map {
                    KernelReference.float(ofBFloat16: KernelReference.bfloat16($0))
                }
            }
            return (sum(rounded(x), rounded(w)), roundings)
        case .int8:
            // Each factor is off by half a step.
            let xStep = Double(max(0, x.max() ?? 0) - min(0, x.min() ?? 0)) / 255
            // On AVX2 a pair's sum of one sign has to fit too.
            var reach = Double(w.map(abs).max() ?? 0)
            if backend.arithmetic.instructionSet == .avx2 {
                for first in stride(from: 0, to: w.count - 1, by: 2) {
                    let pair = [Double(w[first]), Double(w[first + 1])]
                    reach = max(
                        reach, pair.reduce(0) { $0 + max(0, $1) },
                        pair.reduce(0) { $0 + max(0, -$1) })
                }
            }
            let wStep = reach / 127
            let bound = zip(x, w).reduce(roundings) { bound, pair in
                bound + 0.501 * abs(Double(pair.0)) * wStep + 0.501 * abs(Double(pair.1)) * xStep
                    + 0.26 * xStep * wStep
            }
            return (sum(x, w), bound)
        }
    }

    func checkPlaces() throws {
        let tiling = backend.multiply.tiling
        for shape in MatrixMultiplyTests.shapes {
            let seed = UInt64(shape.columns * 10_000 + shape.depth)
            var random = SeededFloats(seed: seed)
            let matrix = try pack(
                random.floats(shape.columns * shape.depth, bound: 0.3), shape)
            let scratch = Workspace()
            // An utterance of a few rows, at several places in tiles of several sizes.
            let utteranceRows = tiling.alignment == 1 ? 3 : 2 * tiling.alignment
            let utterance = random.floats(utteranceRows * shape.depth)
            let sizes = shape.call == .linear ? tiling.sizes : [rows(of: shape)]
            var results: Set<[UInt32]> = []
            for rows in sizes {
                let lastPlace = (rows - utteranceRows) / tiling.alignment
                let places = Set(
                    [0, lastPlace]
                        + (0..<2).map { _ in Int.random(in: 0...lastPlace, using: &random) })
                for place in places.map({ $0 * tiling.alignment }) {
                    // Among other rows, and among rows that are not even numbers.
                    for hasNumbers in [true, false] {
                        var values =
                            hasNumbers
                            ? random.floats(rows * shape.depth, bound: 9)
                            : [Float](repeating: .nan, count: rows * shape.depth)
                        values.replaceSubrange(
                            place * shape.depth..<(place + utteranceRows) * shape.depth,
                            with: utterance)
                        let output = multiply(
                            values, by: matrix, rows: rows, stride: shape.stride, scratch: scratch)
                        let range = place * shape.columns..<(place + utteranceRows) * shape.columns
                        results.insert(output[range].map(\.bitPattern))
                    }
                }
            }
            let distinct = results.count
            #expect(distinct == 1, "seed \(seed), \(backend.arithmetic): \(shape)")
        }
    }

    func checkThreads() async throws {
        for shape in [Shape(columns: 96, depth: 80), Shape(columns: 768, depth: 768)] {
            var random = SeededFloats(seed: 29)
            let matrix = try pack(random.floats(shape.columns * shape.depth), shape)
            let rows = rows(of: shape)
            let inputs = (0..<4).map { _ in random.floats(rows * shape.depth) }
            let alone = inputs.map {
                multiply($0, by: matrix, rows: rows, stride: nil, scratch: Workspace())
            }
            let areSame = await withTaskGroup(of: Bool.self) { group in
                for thread in 0..<2 {
                    group.addTask {
                        ComputeThread.prepare()
                        let scratch = Workspace()
                        return (0..<40).allSatisfy { round in
                            let index = (round + 2 * thread) % inputs.count
                            return multiply(
                                inputs[index], by: matrix, rows: rows, stride: nil,
                                scratch: scratch) == alone[index]
                        }
                    }
                }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(areSame, "\(backend.arithmetic): \(shape)")
        }
    }
}
