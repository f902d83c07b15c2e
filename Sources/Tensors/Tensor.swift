/// An immutable array of floats with a shape: weights, and what a model returns.
///
/// Row-major: the last dimension is contiguous.
// Unchecked: the storage is written only while the tensor is made, before anyone else sees it.
package struct Tensor: @unchecked Sendable {
    package let shape: [Int]
    private let storage: AlignedFloats

    /// A tensor whose values `fill` writes; they are zero before.
    package init(shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
        precondition(shape.allSatisfy { $0 >= 0 }, "dimensions are not negative")
        self.shape = shape
        storage = AlignedFloats(zeros: shape.reduce(1, *))
        fill(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
    }

    /// A tensor of `values`, as many as the shape holds.
    package init(_ values: [Float], shape: [Int]) {
        precondition(values.count == shape.reduce(1, *), "a shape holds all values")
        self.init(shape: shape) { target in _ = target.update(from: values) }
    }

    /// The floats of `storage`, which nobody writes to any more.
    init(_ storage: AlignedFloats, shape: [Int]) {
        precondition(storage.count == shape.reduce(1, *), "a shape holds all values")
        self.shape = shape
        self.storage = storage
    }

    /// A copy of `view`, shaped [rows, width].
    package init(copying view: TensorView) {
        self.init(shape: [view.rows, view.width]) { target in
            guard let first = target.baseAddress else { return }
            TensorView(base: first, rows: view.rows, width: view.width).copy(view)
        }
    }

    package var count: Int { storage.count }

    /// The values, row-major, as an array.
    package var values: [Float] { withValues { Array($0) } }

    /// Lends the values, row-major, to `body`.
    package func withValues<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
    }

    /// The first value, for kernels; valid as long as the tensor is kept.
    package var base: UnsafePointer<Float> { UnsafePointer(storage.base) }
}
