/// Values one after another in memory that grows and is used again: the arrays of a search, which are
/// read and written in its innermost loops.
///
/// Unchecked, because one thread at a time uses it. Nothing checks indices: those of a search come from the search itself.
final class Pool<Element: BitwiseCopyable>: @unchecked Sendable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var capacity: Int
    var count = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Makes room for `more` values behind those that there are; ``base`` may move.
    func reserve(_ more: Int) {
        let needed = count + more
        guard needed > capacity else { return }
        let larger = max(needed, 2 * capacity)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (moved, larger)
    }

    /// Adds a value.
    ///
    /// - Precondition: there is room for it.
    @inline(__always)
    func append(_ value: Element) {
        base[count] = value
        count += 1
    }

    /// Adds a value, wherever there is room.
    func grow(_ value: Element) {
        reserve(1)
        append(value)
    }
}
