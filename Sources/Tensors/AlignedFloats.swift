package import PackedWeights

/// Floats in one aligned piece of memory: owned, or a ledger's and then read-only.
package final class AlignedFloats {
    package let count: Int
    /// The first float; on a cache line of its own.
    package let base: UnsafeMutablePointer<Float>
    /// Who keeps the memory; nil where this object does.
    private let owner: AnyObject?

    /// `count` zeros.
    package init(zeros count: Int) {
        precondition(count >= 0, "a count is not negative")
        self.count = count
        owner = nil
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride,
            alignment: PackedPiece.alignment)
        base = bytes.bindMemory(to: Float.self, capacity: max(count, 1))
        base.initialize(repeating: 0, count: count)
    }

    /// The floats of a piece, which nobody writes to.
    fileprivate init(_ piece: PackedPiece) {
        count = piece.bytes.count / MemoryLayout<Float>.stride
        owner = piece.owner
        guard count > 0, let first = piece.bytes.baseAddress else {
            // An address for nothing: it is neither read nor written.
            base = UnsafeMutableRawPointer(bitPattern: PackedPiece.alignment)
                .unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
            return
        }
        precondition(
            Int(bitPattern: first) % PackedPiece.alignment == 0, "pieces are aligned")
        base = UnsafeMutableRawPointer(mutating: first).bindMemory(
            to: Float.self, capacity: count)
    }

    deinit { if owner == nil { UnsafeMutableRawPointer(base).deallocate() } }

    fileprivate var piece: PackedPiece {
        PackedPiece(
            bytes: UnsafeRawBufferPointer(
                start: base, count: count * MemoryLayout<Float>.stride), owner: self)
    }
}

/// Rows for multiplications that stay as they are, with their memory.
// Unchecked: the rows are written only while they are made, before anyone else sees them.
package final class KeptOperand: @unchecked Sendable {
    package let operand: Operand
    private let memory: AlignedFloats

    fileprivate init(_ operand: Operand, in memory: AlignedFloats) {
        self.operand = operand
        self.memory = memory
    }
}

extension PackingLedger {
    /// Rows of numbers without scales that are kept, or that `fill` writes.
    package func operand(
        _ elementType: Operand.ElementType, rows: Int, width: Int, fill: (Operand) -> Void
    ) -> KeptOperand {
        precondition(elementType != .uint8, "bytes have scales")
        func operand(_ memory: AlignedFloats) -> Operand {
            Operand(
                elementType: elementType, base: UnsafeMutableRawPointer(memory.base), rows: rows,
                width: width, stride: width)
        }
        let pieces = pieces([(rows * width * elementType.bytes + 3) / 4]) { fill(operand($0[0])) }
        return KeptOperand(operand(pieces[0]), in: pieces[0])
    }

    /// Pieces of so many floats each: those that are kept, or zeros that `fill` has written to.
    func pieces<Failure: Error>(
        _ counts: [Int], fill: ([AlignedFloats]) throws(Failure) -> Void
    ) throws(Failure) -> [AlignedFloats] {
        var kept: [AlignedFloats] = []
        for count in counts {
            guard let piece = take(byteCount: count * MemoryLayout<Float>.stride) else { break }
            kept.append(AlignedFloats(piece))
        }
        if kept.count == counts.count { return kept }
        let made = counts.map { AlignedFloats(zeros: $0) }
        try fill(made)
        for floats in made { add(floats.piece) }
        return made
    }

    /// A tensor that is kept, or whose values `fill` writes; they are zero before.
    package func tensor<Failure: Error>(
        _ shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
    ) throws(Failure) -> Tensor {
        let pieces = try pieces([shape.reduce(1, *)]) { (pieces) throws(Failure) in
            try fill(UnsafeMutableBufferPointer(start: pieces[0].base, count: pieces[0].count))
        }
        return Tensor(pieces[0], shape: shape)
    }

    /// A tensor that is kept, or of the values that `make` gives, as many as the shape holds.
    package func tensor<Failure: Error>(
        _ shape: [Int], values make: () throws(Failure) -> [Float]
    ) throws(Failure) -> Tensor {
        try tensor(shape) { (target) throws(Failure) in
            let values = try make()
            precondition(values.count == target.count, "a shape holds all values")
            _ = target.update(from: values)
        }
    }
}
