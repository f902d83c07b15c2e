internal import Coordination
internal import JobJournal
internal import JobState
internal import Processes
internal import Threading

/// The thread that waits for the disk, so that the coordinator's loop never does.
final class CommitThread: Sendable {
    private enum Job: Sendable {
        case commit(CommitBatch)
        case compare(DuplicateClaim)
        case end
    }

    /// What came of a job.
    enum Notice: Sendable {
        case event(CoordinatorEvent)
        /// A commit failed; nothing may be said any more.
        case failed(batch: Int, JournalError)
    }

    private let jobs = Guarded<[Job]>([])
    private let thread: DedicatedThread

    /// How often a commit that met a full disk is tried again.
    private static let spaceWaitMilliseconds = 500

    /// - Parameters:
    ///   - onCommit: called on this thread with what is durable, and how long that took.
    ///   - onNotice: called on this thread.
    init(
        store: any JobStore,
        onCommit: @escaping @Sendable (_ entries: [JournalEntry], _ nanoseconds: Int) -> Void,
        onNotice: @escaping @Sendable (Notice) -> Void
    ) throws(RuntimeError) {
        let jobs = jobs
        thread = try DedicatedThread.ofService {
            while true {
                let job = jobs.wait { $0.isEmpty ? nil : $0.removeFirst() }
                switch job {
                case .commit(let batch):
                    do throws(JournalError) {
                        let began = MonotonicClock.nanoseconds()
                        try Self.commit(batch, to: store, waitingWhile: jobs)
                        onCommit(batch.entries, MonotonicClock.nanoseconds() - began)
                        onNotice(.event(.commitFinished(batch: batch.number)))
                    } catch {
                        onNotice(.failed(batch: batch.number, error))
                    }
                case .compare(let claim):
                    if let event = Self.difference(claim, in: store) { onNotice(.event(event)) }
                case .end:
                    return
                }
            }
        }
    }

    /// Commits, and waits for space where the disk is full: that transaction was rolled back.
    ///
    /// Any other failure is final.
    private static func commit(
        _ batch: CommitBatch, to store: any JobStore, waitingWhile jobs: Guarded<[Job]>
    ) throws(JournalError) {
        while true {
            do throws(JournalError) {
                return try store.commit(batch.entries)
            } catch {
                guard error.code == .full else { throw error }
                let isEnding: Bool? = jobs.wait(milliseconds: spaceWaitMilliseconds) { jobs in
                    jobs.contains { if case .end = $0 { true } else { false } } ? true : nil
                }
                if isEnding == true { throw error }
            }
        }
    }

    func commit(_ batch: CommitBatch) {
        jobs.withLock { $0.append(.commit(batch)) }
    }

    func compare(_ claim: DuplicateClaim) {
        jobs.withLock { $0.append(.compare(claim)) }
    }

    /// Waits for what was asked before.
    func finish() {
        jobs.withLock { $0.append(.end) }
        thread.join()
    }

    /// A duplicate that cannot be compared is left alone: the next commit meets the same trouble.
    private static func difference(
        _ claim: DuplicateClaim, in store: any JobStore
    ) -> CoordinatorEvent? {
        guard let origin = try? store.recordOrigin(of: claim.ordinal),
            origin.recordDigest != claim.recordDigest
        else { return nil }
        return .duplicateDiffers(claim, recordedSlot: origin.slot)
    }
}
