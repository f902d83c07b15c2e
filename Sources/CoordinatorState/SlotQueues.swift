internal import HeapModule

/// Waiting rows by the slot that failed on them last, so that a slot which may not try its
/// own rows again is not in the way of those of others.
package struct SlotQueues: Sendable {
    /// Rows looked at in each queue before giving up on it.
    private static let scanMax = 16

    private var queues: [String: Heap<QueuedRow>] = [:]
    /// Keys of `queues`, sorted: the order in which they are looked at.
    private var slots: [String] = []

    package init() {}

    package var isEmpty: Bool { slots.isEmpty }

    package mutating func insert(_ row: QueuedRow, slot: String) {
        if queues[slot] == nil {
            let index = slots.firstIndex { $0 > slot } ?? slots.endIndex
            slots.insert(slot, at: index)
        }
        queues[slot, default: Heap()].insert(row)
    }

    /// Removes and returns the first row that passes both; drops rows that are not current.
    package mutating func removeFirst(
        where isWanted: (Int) -> Bool, isCurrent: (QueuedRow) -> Bool
    ) -> QueuedRow? {
        for slot in slots {
            guard var queue = queues.removeValue(forKey: slot) else { continue }
            var unwanted: [QueuedRow] = []
            var found: QueuedRow?
            while found == nil, unwanted.count < Self.scanMax, let row = queue.popMax() {
                guard isCurrent(row), row != unwanted.last else { continue }
                if isWanted(row.ordinal) { found = row } else { unwanted.append(row) }
            }
            for row in unwanted { queue.insert(row) }
            if queue.isEmpty { slots.removeAll { $0 == slot } } else { queues[slot] = queue }
            if let found { return found }
        }
        return nil
    }
}
