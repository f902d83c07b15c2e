internal import CElementConversion

/// Where a tensor's elements lie in a file, checked against the file's bounds.
package struct StoredTensor: Sendable {
    /// The name in the file.
    package let name: String
    package let elementType: ElementType
    package let shape: [Int]
    /// Elements from one index to the next, per dimension.
    let strides: [Int]
    package let file: FileBytes
    /// From the first element to behind the last, in row-major order or not.
    let bytes: Range<Int>

    /// Where the first element stands, in bytes from the start of the file.
    package var fileOffset: Int { bytes.lowerBound }

    /// Elements of the tensor.
    package let count: Int

    /// Bytes of the elements, gaps of strided views not counted.
    package var byteCount: Int { count * elementType.size }

    /// A view of a storage that begins at `storage.lowerBound`.
    ///
    /// - Parameters:
    ///   - offset: elements from the storage's start to the first one.
    ///   - strides: elements per step of each dimension; nil for row-major.
    ///   - storage: the bytes that the view must stay within.
    /// - Throws: `damaged` if the view leaves the storage or repeats elements.
    init(
        name: String, elementType: ElementType, shape: [Int], strides: [Int]? = nil,
        offset: Int = 0, storage: Range<Int>, file: FileBytes
    ) throws(CheckpointError) {
        func damaged(_ message: String) -> CheckpointError {
            CheckpointError(.damaged, path: file.path, tensor: name, message)
        }
        guard shape.count <= CheckpointLimits.dimensionsMax else {
            throw damaged("has \(shape.count) dimensions")
        }
        guard let count = CheckedSize.product(shape) else {
            throw damaged("has the impossible shape \(shape)")
        }
        // Strides of a tensor without elements lead nowhere, whatever the file says of them.
        let strides =
            count == 0 ? shape.map { _ in 0 } : strides ?? Self.rowMajor(shape)
        guard strides.count == shape.count, strides.allSatisfy({ $0 >= 0 }), offset >= 0 else {
            throw damaged("has strides \(strides) for the shape \(shape)")
        }
        let available = storage.count / elementType.size
        // Also refuses views that repeat elements to look larger than their file.
        guard count <= available, let span = Self.span(shape, strides, count),
            let end = CheckedSize.sum(offset, span), end <= available
        else {
            throw damaged(
                "shape \(shape) from element \(offset) with strides \(strides) does not fit its "
                    + "storage of \(available) elements")
        }
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.strides = strides
        self.file = file
        self.count = count
        let start = storage.lowerBound + offset * elementType.size
        bytes = start..<start + span * elementType.size
    }

    private init(part: Range<Int>, of whole: StoredTensor, name: String) {
        self.name = name
        elementType = whole.elementType
        shape = [part.count] + whole.shape.dropFirst()
        strides = whole.strides
        file = whole.file
        count = whole.count / whole.shape[0] * part.count
        let step = whole.strides[0] * elementType.size
        let start = whole.bytes.lowerBound + part.lowerBound * step
        let span = Self.span(shape, strides, count) ?? 0
        bytes = start..<start + span * elementType.size
    }

    private init(squeezing whole: StoredTensor, name: String) {
        self.name = name
        elementType = whole.elementType
        shape = Array(whole.shape.dropFirst())
        strides = Array(whole.strides.dropFirst())
        file = whole.file
        count = whole.count
        bytes = whole.bytes
    }

    /// The only element of the first dimension, under another name; nil where there are others.
    package func withoutFirstDimension(name: String) -> StoredTensor? {
        shape.first == 1 ? StoredTensor(squeezing: self, name: name) : nil
    }

    /// One of `parts` equal slices along the first dimension; nil if it cannot be cut so.
    func slice(_ index: Int, of parts: Int, name: String) -> StoredTensor? {
        guard let rows = shape.first, rows > 0, rows.isMultiple(of: parts) else { return nil }
        let each = rows / parts
        return StoredTensor(part: index * each..<(index + 1) * each, of: self, name: name)
    }

    /// The elements as float32, row-major.
    ///
    /// - Throws: `wrongShape` if they are no floating-point numbers, `notFinite` if one is NaN or
    ///   infinite.
    func floats() throws(CheckpointError) -> [Float] {
        let convert: (UnsafeRawPointer, UnsafeMutablePointer<Float>, Int) -> Bool
        switch elementType {
        case .float32: convert = { scriptorium_floats_from_float32($0, $1, $2) }
        case .float16: convert = { scriptorium_floats_from_float16($0, $1, $2) }
        case .bfloat16: convert = { scriptorium_floats_from_bfloat16($0, $1, $2) }
        case .float64: convert = { scriptorium_floats_from_float64($0, $1, $2) }
        default: throw notFloatingPoint
        }
        var isFinite = true
        let floats = withRowMajorBytes { buffer in
            [Float](unsafeUninitializedCapacity: count) { destination, initialized in
                if let source = buffer.baseAddress, let start = destination.baseAddress, count > 0 {
                    isFinite = convert(source, start, count)
                }
                initialized = count
            }
        }
        guard isFinite else { throw notFinite }
        return floats
    }

    /// Looks at every element without keeping any.
    ///
    /// - Throws: as ``floats()``.
    package func checkFinite() throws(CheckpointError) {
        let check: (UnsafeRawPointer, Int) -> Bool
        switch elementType {
        case .float32: check = { scriptorium_float32_are_finite($0, $1) }
        case .float16: check = { scriptorium_float16_are_finite($0, $1) }
        case .bfloat16: check = { scriptorium_bfloat16_are_finite($0, $1) }
        case .float64: check = { scriptorium_float64_are_finite($0, $1) }
        default: throw notFloatingPoint
        }
        let isFinite = withRowMajorBytes(releasing: false) { buffer in
            buffer.baseAddress.map { check($0, count) } ?? true
        }
        guard isFinite else { throw notFinite }
    }

    /// Calls `body` with the elements as they are stored, in row-major order.
    ///
    /// - Parameter releasing: whether their pages are given back afterwards.
    package func withRowMajorBytes<Value>(
        releasing: Bool = true, _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value {
        file.prefetch(bytes)
        defer { if releasing { file.release(bytes) } }
        return file.withBytes(bytes) { stored in
            if isRowMajor { return body(stored) }
            var gathered: [UInt8] = []
            gathered.reserveCapacity(byteCount)
            gather(stored, dimension: 0, offset: 0, into: &gathered)
            return gathered.withUnsafeBytes { body($0) }
        }
    }

    private var isRowMajor: Bool {
        if count == 0 { return true }
        let expected = Self.rowMajor(shape)
        // The stride of a dimension with one index is never used.
        return zip(shape, zip(strides, expected)).allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }

    private func gather(
        _ stored: UnsafeRawBufferPointer, dimension: Int, offset: Int, into gathered: inout [UInt8]
    ) {
        guard dimension < shape.count else {
            let start = offset * elementType.size
            gathered.append(contentsOf: stored[start..<start + elementType.size])
            return
        }
        for index in 0..<shape[dimension] {
            gather(
                stored, dimension: dimension + 1, offset: offset + index * strides[dimension],
                into: &gathered)
        }
    }

    private var notFinite: CheckpointError {
        CheckpointError(
            .notFinite, path: file.path, tensor: name,
            "holds NaN or infinite weights; training failed or the file is damaged")
    }

    private var notFloatingPoint: CheckpointError {
        CheckpointError(
            .wrongShape, path: file.path, tensor: name,
            "holds \(elementType.rawValue) elements; weights must be F32, F16, BF16 or F64")
    }

    private static func rowMajor(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for index in stride(from: shape.count - 2, through: 0, by: -1) {
            // An empty tensor may have dimensions whose product overflows; its strides are unused.
            strides[index] = CheckedSize.product([strides[index + 1], shape[index + 1]]) ?? 0
        }
        return strides
    }

    /// Elements from the first to behind the last one that a view touches; nil on overflow.
    private static func span(_ shape: [Int], _ strides: [Int], _ count: Int) -> Int? {
        guard count > 0 else { return 0 }
        var last = 0
        for (size, stride) in zip(shape, strides) {
            guard let reach = CheckedSize.product([size - 1, stride]),
                let sum = CheckedSize.sum(last, reach)
            else { return nil }
            last = sum
        }
        return CheckedSize.sum(last, 1)
    }
}
