internal import SpeechTypes
internal import Synchronization
internal import Threading

/// Looks into many files at once: what takes its time is waiting for the storage, not computing.
struct FolderJudge {
    let judge: @Sendable (PathBytes) -> FileVerdict

    /// Reads under way at once: enough for a network's file system, few enough for a single disk.
    private static let threadsMax = 16
    /// Files for which a thread of their own is worth it.
    private static let filesPerThread = 8

    /// The verdicts, in the order of the files.
    func verdicts(of paths: [PathBytes]) -> [FileVerdict] {
        let count = min(Self.threadsMax, paths.count / Self.filesPerThread)
        guard count > 1 else { return paths.map(judge) }
        let next = Counter()
        let found = Guarded([FileVerdict](repeating: .unreadable, count: paths.count))
        let judgeAll = { @Sendable [judge] in
            while let index = next.take(below: paths.count) {
                let verdict = judge(paths[index])
                found.withLock { $0[index] = verdict }
            }
        }
        // With fewer threads, where the system has no more to give, it takes longer.
        let threads = (1..<count).compactMap { _ in try? DedicatedThread(judgeAll) }
        judgeAll()
        for thread in threads { thread.join() }
        return found.withLock { $0 }
    }

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)

        func take(below end: Int) -> Int? {
            let taken = value.add(1, ordering: .relaxed).oldValue
            return taken < end ? taken : nil
        }
    }
}
