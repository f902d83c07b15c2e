internal import Glibc
package import Tensors

/// Sines and cosines of distances between frames: of query less key, times 10000^(−2j / width), in turn.
package struct DistanceWaves: Sendable {
    package let reach: Int
    package let width: Int
    /// [2 · reach, width]: rows from distance reach − 1 (of query less key) down.
    private let values: [Float]

    init(reach: Int, width: Int) {
        self.reach = reach
        self.width = width
        // Products are rounded to float as in the reference implementation.
        let inverse = (0..<width / 2).map { j in
            Float(pow(10_000, -2 * Double(j) / Double(width)))
        }
        var values: [Float] = []
        values.reserveCapacity(2 * reach * width)
        for row in 0..<2 * reach {
            for factor in inverse {
                let angle = Double(Float(reach - 1 - row) * factor)
                values.append(Float(sin(angle)))
                values.append(Float(cos(angle)))
            }
            if width % 2 == 1 { values.append(0) }
        }
        self.values = values
    }

    var bytes: Int { values.count * MemoryLayout<Float>.stride }

    /// Copies rows to `target`; rows behind the last are zero.
    package func copy(_ rows: Range<Int>, into target: TensorView) {
        precondition(target.width == width && target.rows >= rows.count, "rows fit")
        for (index, row) in rows.enumerated() {
            let place = target.base + index * target.stride
            for column in 0..<width {
                place[column] = row < 2 * reach ? values[row * width + column] : 0
            }
        }
    }
}
