/// Rows of floats that someone else owns, `stride` floats apart.
package struct TensorView {
    package let base: UnsafeMutablePointer<Float>
    package let rows: Int
    package let width: Int
    package let stride: Int

    package init(base: UnsafeMutablePointer<Float>, rows: Int, width: Int, stride: Int) {
        precondition(rows >= 0 && width >= 0 && stride >= 0, "extents are not negative")
        self.base = base
        self.rows = rows
        self.width = width
        self.stride = stride
    }

    /// Rows without gaps between them.
    package init(base: UnsafeMutablePointer<Float>, rows: Int, width: Int) {
        self.init(base: base, rows: rows, width: width, stride: width)
    }

    /// Whether the rows follow each other without gaps.
    package var isContiguous: Bool { stride == width }

    /// Some of the rows.
    package func rows(_ range: Range<Int>) -> TensorView {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows are inside the view")
        return TensorView(
            base: base + range.lowerBound * stride, rows: range.count, width: width, stride: stride)
    }

    /// Some of the columns.
    package func columns(_ range: Range<Int>) -> TensorView {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= width, "columns are inside the view")
        return TensorView(
            base: base + range.lowerBound, rows: rows, width: range.count, stride: stride)
    }

    /// Sets every value to zero.
    package func clear() {
        for row in 0..<rows { (base + row * stride).update(repeating: 0, count: width) }
    }

    /// Copies the values of a view of the same extents.
    package func copy(_ source: TensorView) {
        precondition(source.rows == rows && source.width == width, "copies agree in shape")
        for row in 0..<rows {
            (base + row * stride).update(from: source.base + row * source.stride, count: width)
        }
    }
}
