internal import CKernels

/// Looks whether the products of one shape are right, and whether the bits of a row depend on nothing but the row.
///
/// Made-up numbers are multiplied: in tiles of every number of rows, and with the rows in other places. Two rows are
/// computed anew, from the numbers as the operand and the packed weights hold them, so that only the order of sums is
/// in the difference.
package struct ProductCheck {
    /// What was found.
    package struct Outcome: Hashable, Sendable {
        /// Nil if all is as it should be.
        package var failure: String?
        /// Of all bits of the largest tile; equal wherever a class is computed.
        package var checksum: UInt64 = 0
    }

    let shape: ProductShape
    let elementType: Operand.ElementType
    /// What rows may be moved by.
    let alignment: Int
    let kernels: Kernels

    package init(
        shape: ProductShape, elementType: Operand.ElementType, alignment: Int, kernels: Kernels
    ) {
        self.shape = shape
        self.elementType = elementType
        self.alignment = alignment
        self.kernels = kernels
    }

    /// - Parameter pack: makes the matrix of weights [columns, depth].
    package func outcome(
        pack: ([Float]) throws(ArithmeticError) -> any PackedMatrix
    ) throws(ArithmeticError) -> Outcome {
        var numbers = MadeUpNumbers(seed: UInt64(shape.columns) << 32 | UInt64(shape.depth))
        let weights = numbers.floats(shape.columns * shape.depth)
        let matrix = try pack(weights)
        let rows = shape.rows.last ?? 0
        let inputs = numbers.floats(rows * shape.inputStride)
        let scratch = Workspace()
        let all = product(of: inputs, rows: 0..<rows, by: matrix, scratch)
        var outcome = Outcome(failure: nil, checksum: Self.checksum(all))
        outcome.failure =
            placeFailure(inputs, all, matrix, scratch)
            ?? valueFailure(
                inputs, all, weights, isOfPairs: matrix is ByteMatrix && kernels.addsBytesInPairs)
        return outcome
    }

    // MARK: Products

    /// The results' bits [rows, columns] of some of the rows, shifted round by `shift`.
    private func product(
        of inputs: [Float], rows: Range<Int>, shiftedBy shift: Int = 0, by matrix: any PackedMatrix,
        _ scratch: Workspace
    ) -> [UInt32] {
        let operand = encoded(inputs, rows: rows, shiftedBy: shift, scratch)
        let output = scratch.view(Slot.output, rows: rows.count, width: shape.columns)
        _ = matrix.multiply(operand.columns(0..<shape.depth), into: output, scratch: scratch)
        return (0..<rows.count * shape.columns).map { output.base[$0].bitPattern }
    }

    /// Rows as the multiplication takes them.
    private func encoded(
        _ inputs: [Float], rows: Range<Int>, shiftedBy shift: Int = 0, _ scratch: Workspace
    ) -> Operand {
        let width = shape.inputStride
        let plain = scratch.view(Slot.input, rows: rows.count, width: width)
        for row in 0..<rows.count {
            let source = rows.lowerBound + (row + shift) % rows.count
            for column in 0..<width {
                plain.base[row * width + column] = inputs[source * width + column]
            }
        }
        let operand = scratch.operand(
            Slot.operand, elementType, rows: rows.count, width: width)
        var epilogue = Epilogue([Product(plain)])
        epilogue.encoded = operand
        kernels.apply(epilogue)
        return operand
    }

    private enum Slot {
        static let input = Workspace.firstSlot
        static let operand = input + 1
        static let output = input + 2
    }

    // MARK: What is promised

    /// What a row's bits depend on besides the row; nil if on nothing.
    private func placeFailure(
        _ inputs: [Float], _ all: [UInt32], _ matrix: any PackedMatrix, _ scratch: Workspace
    ) -> String? {
        let (columns, most) = (shape.columns, shape.rows.last ?? 0)
        for shift in [alignment, 5 * alignment] where most > alignment {
            let shifted = product(
                of: inputs, rows: 0..<most, shiftedBy: shift, by: matrix, scratch)
            for row in 0..<most {
                let before = (row + shift) % most
                guard
                    shifted[row * columns..<(row + 1) * columns].elementsEqual(
                        all[before * columns..<(before + 1) * columns])
                else {
                    return
                        "products of \(shape) depend on where a row stands (row \(before) at \(row))"
                }
            }
        }
        for count in shape.rows.dropLast() {
            for start in [0, most - count] where start % alignment == 0 {
                let part = product(of: inputs, rows: start..<start + count, by: matrix, scratch)
                guard part.elementsEqual(all[start * columns..<(start + count) * columns]) else {
                    return
                        "products of \(shape) depend on how many rows there are (\(count) or \(most))"
                }
            }
        }
        return nil
    }

    /// Which result is not the sum of its products; nil if all of two rows are.
    private func valueFailure(
        _ inputs: [Float], _ all: [UInt32], _ weights: [Float], isOfPairs: Bool
    ) -> String? {
        let most = shape.rows.last ?? 0
        let scratch = Workspace()
        let operand = encoded(inputs, rows: 0..<most, scratch)
        let held = heldWeights(weights, isOfPairs: isOfPairs)
        for row in Set([0, most - 1]) {
            let numbers = (0..<shape.depth).map { number(operand, row * operand.stride + $0) }
            for column in 0..<shape.columns {
                var (sum, magnitudes) = (0.0, 0.0)
                for index in 0..<shape.depth {
                    let term = Double(numbers[index]) * Double(held[column * shape.depth + index])
                    sum += term
                    magnitudes += abs(term)
                }
                let bits = all[row * shape.columns + column]
                let result =
                    elementType == .uint8
                    ? Double(Int32(bitPattern: bits)) : Double(Float(bitPattern: bits))
                // Sums of integers are exact. Those of floats are rounded at each step: far fewer than all roundings
                // go one way, and products in a lesser precision would be off by more.
                let bound =
                    elementType == .uint8
                    ? 0 : magnitudes * Double(shape.depth / 16 + 32) * 0x1p-24
                guard abs(result - sum) <= bound else {
                    return "a product of \(shape) is \(result) where \(sum) is right"
                }
            }
        }
        return nil
    }

    private func number(_ operand: Operand, _ index: Int) -> Float {
        switch elementType {
        case .float32: operand.base.assumingMemoryBound(to: Float.self)[index]
        case .bfloat16:
            Float(
                bitPattern: UInt32(operand.base.assumingMemoryBound(to: UInt16.self)[index]) << 16)
        case .uint8: Float(operand.base.assumingMemoryBound(to: UInt8.self)[index])
        }
    }

    /// The weights as they are multiplied.
    private func heldWeights(_ weights: [Float], isOfPairs: Bool) -> [Float] {
        switch elementType {
        case .float32: return weights
        case .bfloat16:
            let halves = [UInt16](unsafeUninitializedCapacity: weights.count) { target, count in
                if let first = target.baseAddress { ck_to_bfloat16(weights, weights.count, first) }
                count = weights.count
            }
            return halves.map { Float(bitPattern: UInt32($0) << 16) }
        case .uint8:
            return ByteWeights.quantize(
                weights, columns: shape.columns, depth: shape.depth, forPairs: isOfPairs,
                scales: AlignedFloats(zeros: shape.columns),
                sums: AlignedFloats(zeros: shape.columns)
            ).map(Float.init)
        }
    }

    private static func checksum(_ bits: [UInt32]) -> UInt64 {
        // FNV-1a, by words.
        bits.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Numbers from −1 to 1 that look like chance and are always the same.
package struct MadeUpNumbers {
    private var state: UInt64

    package init(seed: UInt64) { state = seed &+ 0x9e37_79b9_7f4a_7c15 }

    package mutating func floats(_ count: Int) -> [Float] {
        (0..<count).map { _ in
            // Xorshift (Marsaglia, 2003).
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
        }
    }
}
