internal import Glibc
internal import Tensors
internal import Testing

/// Attention of one head against softmax in double precision.
@Suite("Attention") struct AttentionTests {
    /// Queries, keys, width of a head: around the kernels' blocks of 6 and 24 queries, 16 to 48 columns.
    static let shapes = [
        (1, 1, 64), (1, 7, 8), (5, 2, 64), (6, 31, 64), (23, 23, 24), (24, 48, 64), (25, 49, 80),
        (50, 50, 6), (61, 97, 15), (7, 200, 1), (130, 129, 64), (3, 33, 100),
    ]

    /// Queries, keys and values side by side, as a layer makes them.
    private struct Projected {
        let operand: Operand
        let width: Int
        /// What the operand holds.
        let values: [Float]
        let owner: Workspace

        init(
            _ random: inout SeededFloats, rows: Int, width: Int, _ elementType: Operand.ElementType,
            _ kernels: Kernels, offset: Int = 0
        ) {
            self.init(
                random.floats(rows * 3 * width, bound: 1.5), rows: rows, width: width, elementType,
                kernels, offset: offset)
        }

        init(
            _ floats: [Float], rows: Int, width: Int, _ elementType: Operand.ElementType,
            _ kernels: Kernels,
            offset: Int = 0
        ) {
            self.width = width
            owner = Workspace()
            // One row more than there are, so that rows may start late.
            let all = owner.operand(1, elementType, rows: rows + offset + 1, width: 3 * width)
            operand = all.rows(offset..<offset + rows)
            let source = Matrix(floats, rows: rows, width: 3 * width)
            var epilogue = Epilogue([Product(source.view)])
            epilogue.encoded = operand
            kernels.apply(epilogue)
            let base = operand.base
            values = (0..<rows * 3 * width).map { index in
                elementType == .float32
                    ? base.load(fromByteOffset: 4 * index, as: Float.self)
                    : KernelReference.float(
                        ofBFloat16: base.load(fromByteOffset: 2 * index, as: UInt16.self))
            }
        }

        func part(_ index: Int) -> Operand { operand.columns(index * width..<(index + 1) * width) }

        func value(_ row: Int, _ part: Int, _ column: Int) -> Double {
            Double(values[(row * 3 + part) * width + column])
        }
    }

    private static func attend(
        _ projected: Projected, queries: Range<Int>, keys: Int, _ kernels: Kernels
    ) -> [Float] {
        let context = Matrix(
            [Float](repeating: 77, count: queries.count * (projected.width + 2)),
            rows: queries.count, width: projected.width + 2)
        kernels.attend(
            query: projected.part(0).rows(queries), key: projected.part(1),
            value: projected.part(2), keys: keys,
            into: context.view.columns(1..<1 + projected.width), scratch: Workspace(), slot: 1)
        let rows = (0..<queries.count).map { context.row($0) }
        #expect(rows.allSatisfy { $0.first == 77 && $0.last == 77 }, "other columns are left alone")
        return rows.flatMap { $0.dropFirst().dropLast() }
    }

    private static func elementTypes(of set: KernelSet) -> [Operand.ElementType] {
        [.float32, .bfloat16]
    }

    @Test("a context is softmax times values", arguments: KernelSet.here)
    func agrees(set: KernelSet) {
        for (queries, keys, width) in Self.shapes {
            for elementType in Self.elementTypes(of: set) {
                var random = SeededFloats(seed: UInt64(queries * 1_000 + keys))
                let rows = max(queries, keys)
                let projected = Projected(
                    &random, rows: rows, width: width, elementType, set.kernels)
                let context = Self.attend(projected, queries: 0..<queries, keys: keys, set.kernels)
                var expected: [Double] = []
                for query in 0..<queries {
                    let scores = (0..<keys).map { key in
                        (0..<width).reduce(0.0) {
                            $0 + projected.value(query, 0, $1) * projected.value(key, 1, $1)
                        }
                    }
                    let top = scores.max() ?? 0
                    let powers = scores.map { exp($0 - top) }
                    let sum = powers.reduce(0, +)
                    expected += (0..<width).map { column in
                        zip(powers, 0..<keys).reduce(0.0) {
                            $0 + $1.0 / sum * projected.value($1.1, 2, column)
                        }
                    }
                }
                // A weight in bfloat16 is off by 2⁻⁹ of itself, and values are below 1.5.
                let bound = elementType == .float32 ? 1e-5 : 1.5 * 0x1p-9 + 1e-5
                let difference = largestDifference(context, expected)
                #expect(difference <= bound, "\(queries), \(keys), \(width), \(elementType)")
            }
        }
    }

    @Test("a query's bits depend on its own row and the keys alone", arguments: KernelSet.here)
    func placeDoesNotMatter(set: KernelSet) {
        for elementType in Self.elementTypes(of: set) {
            for (rows, width) in [(61, 64), (26, 20)] {
                var random = SeededFloats(seed: 5)
                let floats = random.floats(rows * 3 * width)
                let projected = Projected(
                    floats, rows: rows, width: width, elementType, set.kernels)
                let moved = Projected(
                    floats, rows: rows, width: width, elementType, set.kernels, offset: 1)
                let together = Self.attend(projected, queries: 0..<rows, keys: rows, set.kernels)
                let elsewhere = Self.attend(moved, queries: 0..<rows, keys: rows, set.kernels)
                let alone = (0..<rows).flatMap {
                    Self.attend(projected, queries: $0..<$0 + 1, keys: rows, set.kernels)
                }
                let areSame = together == alone && together == elsewhere
                #expect(areSame, "\(elementType), \(rows) x \(width)")
            }
        }
    }

    @Test("what lies beyond the keys plays no part", arguments: KernelSet.here)
    func paddingIsIgnored(set: KernelSet) {
        for elementType in Self.elementTypes(of: set) {
            let (rows, width, keys) = (40, 16, 21)
            var random = SeededFloats(seed: 6)
            var floats = random.floats(rows * 3 * width)
            let clean = Projected(floats, rows: rows, width: width, elementType, set.kernels)
            for index in keys * 3 * width..<floats.count { floats[index] = .nan }
            let dirty = Projected(floats, rows: rows, width: width, elementType, set.kernels)
            let first = Self.attend(clean, queries: 0..<keys, keys: keys, set.kernels)
            let second = Self.attend(dirty, queries: 0..<keys, keys: keys, set.kernels)
            #expect(first == second)
        }
    }

    @Test("NaN in a key is seen by every query, in a query by itself", arguments: KernelSet.here)
    func notANumberStays(set: KernelSet) {
        for elementType in Self.elementTypes(of: set) {
            let (rows, width) = (30, 16)
            for (place, part) in [(11, 0), (11, 1), (29, 1)] {
                var random = SeededFloats(seed: 7)
                var floats = random.floats(rows * 3 * width)
                floats[(place * 3 + part) * width + 5] = .nan
                let projected = Projected(
                    floats, rows: rows, width: width, elementType, set.kernels)
                let context = Self.attend(projected, queries: 0..<rows, keys: rows, set.kernels)
                for row in 0..<rows {
                    let values = context[row * width..<(row + 1) * width]
                    let isExpected =
                        part == 1 || row == place
                        ? values.allSatisfy(\.isNaN) : values.allSatisfy(\.isFinite)
                    #expect(isExpected, "row \(row), NaN in part \(part), \(elementType)")
                }
            }
        }
    }
}
