internal import SpeechTypes
internal import Threading

/// Looks into many files at once: what takes its time is waiting for the storage, not computing.
struct ParallelFileCheck {
    let verdict: @Sendable (PathBytes) -> FileVerdict

    /// Reads under way at once: enough for a network's file system, few enough for a single disk.
    private static let threadsMax = 16
    /// Files for which a thread of their own is worth it.
    private static let filesPerThread = 8

    /// The verdicts, in the order of the files.
    func verdicts(of paths: [PathBytes]) -> [FileVerdict] {
        let threads = min(Self.threadsMax, paths.count / Self.filesPerThread)
        return ParallelMap.map(paths, threads: threads, verdict)
    }
}
