/// How many rows a matrix multiplication is called with.
///
/// A library may give a row other bits when the number of rows of its call, or its place among
/// them, changes. So rows are cut into tiles of fixed sizes, and every utterance starts at a multiple
/// of ``alignment``. Tests hold that a row's bits then depend on nothing but the row.
package struct RowTiling: Hashable, Sendable {
    /// Rows of all tiles but the last two.
    package let largest: Int
    /// All tiles are a multiple of this.
    package let step: Int
    /// What rows of one utterance start at a multiple of.
    package let alignment: Int

    package init(largest: Int, step: Int, alignment: Int) {
        precondition(largest % step == 0 && step % alignment == 0, "tiles fit into each other")
        self.largest = largest
        self.step = step
        self.alignment = alignment
    }

    /// The numbers of rows that a tile may have.
    package var sizes: [Int] { Array(stride(from: step, through: largest, by: step)) }

    /// `rows` rounded up to whole tiles: what buffers must hold.
    package func paddedRows(_ rows: Int) -> Int { (rows + step - 1) / step * step }

    /// The tiles that cover `rows` rows; the last may go beyond them.
    ///
    /// The last two share what is left: products of few rows wait for their weights.
    package func tiles(covering rows: Int) -> [Range<Int>] {
        let padded = paddedRows(rows)
        var tiles: [Range<Int>] = []
        var start = 0
        while start < padded {
            let left = padded - start
            let half = (left / 2 + step - 1) / step * step
            let count = left <= largest ? left : left < 2 * largest ? half : largest
            tiles.append(start..<start + count)
            start += count
        }
        return tiles
    }

    /// Fewer rows are not worth a thread of their own: their weights have to be read all the same.
    private static let sharedMin = 32

    /// The same with smaller tiles, where `members` threads that share `rows` rows would not all have one.
    package func sharing(_ rows: Int, among members: Int) -> RowTiling {
        guard members > 1 else { return self }
        let share = max((rows + members - 1) / members, Self.sharedMin)
        return RowTiling(
            largest: min(largest, paddedRows(share)), step: step, alignment: alignment)
    }

    /// The first aligned row at or after `row`.
    package func aligned(_ row: Int) -> Int { (row + alignment - 1) / alignment * alignment }
}
