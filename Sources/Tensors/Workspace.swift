/// Scratch memory of one thread, kept from batch to batch.
///
/// Each slot is one buffer that grows to the largest request and is handed out as it is: a view of
/// a slot is valid until the next request for the same slot. New memory is zero.
package final class Workspace {
    private var buffers: [AlignedFloats?] = []

    /// The slot that matrix libraries use.
    static let librarySlot = 0
    /// The first slot for others.
    package static let firstSlot = 1

    package init() {}

    /// `rows` x `width` floats of `slot`, contiguous, with whatever was there before.
    package func view(_ slot: Int, rows: Int, width: Int) -> TensorView {
        TensorView(base: floats(slot, count: rows * width), rows: rows, width: width)
    }

    /// `rows` x `width` numbers of `slot` for a multiplication, contiguous.
    package func operand(
        _ slot: Int, _ elementType: Operand.ElementType, rows: Int, width: Int
    ) -> Operand {
        let values = (rows * width * elementType.bytes + 63) / 64 * 16
        let isScaled = elementType == .uint8
        let base = floats(slot, count: values + (isScaled ? 2 * rows : 0))
        return Operand(
            elementType: elementType, base: UnsafeMutableRawPointer(base), rows: rows, width: width,
            stride: width, scales: isScaled ? base + values : nil,
            zeros: isScaled
                ? UnsafeMutableRawPointer(base + values + rows).assumingMemoryBound(to: Int32.self)
                : nil)
    }

    /// At least `bytes` bytes of `slot`.
    package func bytes(_ slot: Int, count: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(floats(slot, count: (count + 3) / 4))
    }

    private func floats(_ slot: Int, count: Int) -> UnsafeMutablePointer<Float> {
        while buffers.count <= slot { buffers.append(nil) }
        if let buffer = buffers[slot], buffer.count >= count { return buffer.base }
        buffers[slot] = nil  // give the old memory back first
        let buffer = AlignedFloats(zeros: count)
        buffers[slot] = buffer
        return buffer.base
    }

    /// Bytes held at present.
    package var bytes: Int {
        buffers.reduce(0) { $0 + ($1?.count ?? 0) * MemoryLayout<Float>.stride }
    }
}
