/// Floats in one aligned piece of memory, owned.
package final class AlignedFloats {
    package let count: Int
    /// The first float; on a cache line of its own.
    package let base: UnsafeMutablePointer<Float>

    /// `count` zeros.
    package init(zeros count: Int) {
        precondition(count >= 0, "a count is not negative")
        self.count = count
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        base = bytes.bindMemory(to: Float.self, capacity: max(count, 1))
        base.initialize(repeating: 0, count: count)
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }
}
