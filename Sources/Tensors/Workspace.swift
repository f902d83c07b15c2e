/// Scratch memory of one compute thread, kept from batch to batch.
///
/// Each slot is one buffer that grows to the largest request and is handed out as it is: a view of
/// a slot is valid until the next request for the same slot. New memory is zero.
package final class Workspace {
    private var buffers: [Int: AlignedFloats] = [:]

    package init() {}

    /// `rows` x `width` floats of `slot`, contiguous, with whatever was there before.
    package func view(_ slot: Int, rows: Int, width: Int) -> TensorView {
        let count = rows * width
        if let buffer = buffers[slot], buffer.count >= count {
            return TensorView(base: buffer.base, rows: rows, width: width)
        }
        buffers[slot] = nil  // give the old memory back first
        let buffer = AlignedFloats(zeros: count)
        buffers[slot] = buffer
        return TensorView(base: buffer.base, rows: rows, width: width)
    }

    /// Bytes held at present.
    package var bytes: Int {
        buffers.values.reduce(0) { $0 + $1.count * MemoryLayout<Float>.stride }
    }
}
