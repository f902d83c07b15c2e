internal import Tensors
internal import Testing

/// What the packed layout relies on: a row's bits do not depend on the call it is in.
@Suite("Matrix multiplication") struct MatrixMultiplyTests {
    /// Columns and depth of Base's layers, of the fixtures' models, and some odd ones.
    static let shapes = [
        (2304, 768), (768, 768), (3072, 768), (768, 3072), (768, 512), (32, 768), (512, 1024),
        (512, 512), (768, 3840), (96, 32), (64, 32), (32, 64), (32, 24), (33, 48), (29, 7), (1, 5),
    ]

    @Test("every product agrees with double precision")
    func agrees() throws {
        let backend = try ComputeBackend.activate(.auto)
        var random = SeededFloats(seed: 5)
        let (rows, columns, depth) = (13, 9, 77)
        let x = Matrix(random.floats(rows * depth), rows: rows, width: depth)
        let w = Matrix(random.floats(columns * depth), rows: columns, width: depth)
        let y = Matrix(random.floats(rows * columns), rows: rows, width: columns)
        let before = y.values
        backend.multiply(x.view, transposed: w.view, into: y.view, accumulate: true)
        let expected = (0..<rows * columns).map { index in
            (0..<depth).reduce(Double(before[index])) { sum, k in
                sum + Double(x.row(index / columns)[k]) * Double(w.row(index % columns)[k])
            }
        }
        #expect(largestDifference(y.values, expected) < 1e-4)
    }

    @Test("a row's bits are the same in every tile and at every aligned place", arguments: shapes)
    func tilesAgree(columns: Int, depth: Int) throws {
        let backend = try ComputeBackend.activate(.auto)
        let tiling = backend.multiply.tiling
        let seed = UInt64(columns * 10_000 + depth)
        var random = SeededFloats(seed: seed)
        // An utterance of a few groups of rows, at several places in tiles of several sizes.
        let utteranceRows = 2 * tiling.alignment
        let utterance = random.floats(utteranceRows * depth)
        let weights = Matrix(random.floats(columns * depth), rows: columns, width: depth)
        var results: Set<[Float]> = []
        for rows in Swift.stride(from: tiling.step, through: tiling.largest, by: tiling.step) {
            let lastPlace = rows - utteranceRows
            let middle = Int.random(in: 0...lastPlace / tiling.alignment, using: &random)
            for place in Set([0, middle * tiling.alignment, lastPlace]) {
                var values = random.floats(rows * depth)
                values.replaceSubrange(
                    place * depth..<(place + utteranceRows) * depth, with: utterance)
                let input = Matrix(values, rows: rows, width: depth)
                let output = Matrix(zeros: rows, columns)
                backend.multiply(input.view, transposed: weights.view, into: output.view)
                results.insert(
                    Array(output.values[place * columns..<(place + utteranceRows) * columns]))
            }
        }
        let distinct = results.count
        #expect(distinct == 1, "seed \(seed), \(backend.arithmetic)")
    }

    @Test("tiles cover all rows with the allowed sizes", arguments: [0, 1, 48, 49, 384, 385, 1000])
    func tilesCover(rows: Int) {
        let tiling = RowTiling(largest: 384, step: 48, alignment: 12)
        let tiles = tiling.tiles(covering: rows)
        #expect(tiles.reduce(0) { $0 + $1.count } == tiling.paddedRows(rows))
        #expect(tiling.paddedRows(rows) >= rows && tiling.paddedRows(rows) < rows + 48)
        #expect(tiles.dropLast().allSatisfy { $0.count == 384 })
        #expect(tiles.allSatisfy { $0.count.isMultiple(of: 48) && $0.count <= 384 })
        #expect(zip(tiles, tiles.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }
}
