internal import CKernels

/// Rows as a matrix multiplication takes them, in memory that someone else owns.
package struct Operand {
    /// How numbers are stored.
    package enum ElementType: Hashable, Sendable {
        case float32
        case bfloat16
        /// Unsigned bytes; each row has a scale and a zero.
        case uint8

        package var bytes: Int {
            switch self {
            case .float32: 4
            case .bfloat16: 2
            case .uint8: 1
            }
        }

        var kernel: ck_element_type {
            switch self {
            case .float32: ck_float32
            case .bfloat16: ck_bfloat16
            case .uint8: ck_uint8
            }
        }
    }

    package let elementType: ElementType
    package let base: UnsafeMutableRawPointer
    package let rows: Int
    package let width: Int
    /// Elements from one row to the next.
    package let stride: Int
    let scales: UnsafeMutablePointer<Float>?
    let zeros: UnsafeMutablePointer<Int32>?

    init(
        elementType: ElementType, base: UnsafeMutableRawPointer, rows: Int, width: Int, stride: Int,
        scales: UnsafeMutablePointer<Float>? = nil, zeros: UnsafeMutablePointer<Int32>? = nil
    ) {
        precondition(rows >= 0 && width >= 0 && stride >= width, "rows do not overlap")
        precondition(
            (elementType == .uint8) == (scales != nil && zeros != nil), "bytes have scales")
        self.elementType = elementType
        self.base = base
        self.rows = rows
        self.width = width
        self.stride = stride
        self.scales = scales
        self.zeros = zeros
    }

    /// Floats, as they are.
    package init(_ view: TensorView) {
        self.init(
            elementType: .float32, base: UnsafeMutableRawPointer(view.base), rows: view.rows,
            width: view.width, stride: view.stride)
    }

    /// Some of the rows.
    package func rows(_ range: Range<Int>) -> Operand {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows are inside")
        return Operand(
            elementType: elementType, base: base + range.lowerBound * stride * elementType.bytes,
            rows: range.count, width: width, stride: stride,
            scales: scales.map { $0 + range.lowerBound },
            zeros: zeros.map { $0 + range.lowerBound })
    }

    /// Some of the columns.
    package func columns(_ range: Range<Int>) -> Operand {
        precondition(range.lowerBound >= 0 && range.upperBound <= width, "columns are inside")
        return Operand(
            elementType: elementType, base: base + range.lowerBound * elementType.bytes, rows: rows,
            width: range.count, stride: stride, scales: scales, zeros: zeros)
    }

    /// Moves the rows from `start` on to the front.
    package func moveToFront(from start: Int) {
        precondition(start >= 0 && start <= rows, "rows are inside")
        let left = rows - start
        guard start > 0 && left > 0 else { return }
        let from = base + start * stride * elementType.bytes
        base.copyMemory(from: from, byteCount: left * stride * elementType.bytes)
        if let scales { scales.update(from: scales + start, count: left) }
        if let zeros { zeros.update(from: zeros + start, count: left) }
    }

    var kernel: ck_operand {
        ck_operand(
            element_type: elementType.kernel, values: base, stride: stride, scales: scales,
            zeros: zeros)
    }
}

/// What a multiplication gave, before it is floats: see ``Kernels/apply(_:)``.
package struct Product {
    /// Floats, or 32-bit integers in their place.
    package let values: TensorView
    /// The operand's, for integers.
    let rowScales: UnsafePointer<Float>?
    let rowZeros: UnsafePointer<Int32>?
    /// The weights', for integers.
    let columnScales: UnsafePointer<Float>?
    let columnSums: UnsafePointer<Int32>?

    /// - Parameter weights: where they are bytes; whoever multiplied keeps them.
    init(values: TensorView, operand: Operand, weights: ByteWeights?) {
        self.values = values
        rowScales = operand.scales.map { UnsafePointer($0) }
        rowZeros = operand.zeros.map { UnsafePointer($0) }
        columnScales = weights?.scales
        columnSums = weights?.sums
    }

    /// Floats, as they are.
    package init(_ values: TensorView) {
        self.values = values
        rowScales = nil
        rowZeros = nil
        columnScales = nil
        columnSums = nil
    }

    var areFloats: Bool { columnScales == nil }

    var kernel: ck_product {
        ck_product(
            values: values.base, stride: values.stride, row_scales: rowScales,
            row_zeros: rowZeros, column_scales: columnScales, column_sums: columnSums)
    }
}
