internal import CoordinatorState
internal import Testing

@Suite("Rows that wait by the slot that failed on them")
struct SlotQueuesTests {
    private func row(_ ordinal: Int, _ milliseconds: Int = 100) -> QueuedRow {
        QueuedRow(audioMilliseconds: milliseconds, ordinal: ordinal)
    }

    @Test("the longest row of the first slot by name comes first")
    func order() {
        var queues = SlotQueues()
        queues.insert(row(1, 900), slot: "b/0")
        queues.insert(row(2, 100), slot: "a/0")
        queues.insert(row(3, 200), slot: "a/0")
        let ordinals = (0..<4).map { _ in
            queues.removeFirst(where: { _ in true }, isCurrent: { _ in true })?.ordinal
        }
        #expect(ordinals == [3, 2, 1, nil])
        #expect(queues.isEmpty)
    }

    @Test("a slot's own rows, which it may not have, are not in the way of those of others")
    func notInTheWay() {
        var queues = SlotQueues()
        for ordinal in 0..<40 { queues.insert(row(ordinal), slot: "a/0") }
        queues.insert(row(99), slot: "b/0")
        let found = queues.removeFirst(where: { $0 == 99 }, isCurrent: { _ in true })
        #expect(found?.ordinal == 99)
        let kept = (0..<41).compactMap { _ in
            queues.removeFirst(where: { _ in true }, isCurrent: { _ in true })?.ordinal
        }
        #expect(kept.sorted() == Array(0..<40), "rows that were passed over still wait")
    }

    @Test("rows that are elsewhere by now are dropped")
    func dropped() {
        var queues = SlotQueues()
        queues.insert(row(1), slot: "a/0")
        #expect(queues.removeFirst(where: { _ in true }, isCurrent: { _ in false }) == nil)
        #expect(queues.isEmpty)
    }
}
