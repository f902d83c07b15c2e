internal import Synchronization

/// The same question about many things at once, where what takes the time is waiting for a disk or a
/// network.
package enum ParallelMap {
    /// The answers of `body`, in the order of `items`.
    ///
    /// With fewer threads, where the system has no more to give, it takes longer.
    ///
    /// - Parameter threads: calls of `body` at once, the caller's own thread among them.
    package static func map<Item: Sendable, Answer: Sendable>(
        _ items: [Item], threads: Int, _ body: @escaping @Sendable (Item) -> Answer
    ) -> [Answer] {
        let count = min(threads, items.count)
        guard count > 1 else { return items.map(body) }
        let next = Counter()
        let answers = Guarded([Answer?](repeating: nil, count: items.count))
        let work = { @Sendable in
            while let index = next.claim(below: items.count) {
                let answer = body(items[index])
                answers.withLock { $0[index] = answer }
            }
        }
        let helpers = (1..<count).compactMap { _ in try? DedicatedThread(work) }
        work()
        for helper in helpers { helper.join() }
        return answers.withLock { $0.compactMap(\.self) }
    }

    /// Hands out numbers from 0 to threads.
    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)

        func claim(below end: Int) -> Int? {
            let taken = value.add(1, ordering: .relaxed).oldValue
            return taken < end ? taken : nil
        }
    }
}
