internal import Glibc
internal import Synchronization

/// Threads that share one computation when there are fewer computations than cores.
///
/// Members compute one thing each as long as there is enough to do; a member whose computation comes
/// in parts lends parts to helpers that have nothing. Who computes a part never shows in its result.
package final class ComputeTeam: Sendable {
    /// Parts of one computation that are being handed out.
    private final class Job: Sendable {
        let count: Int
        /// The caller's, which keeps it until no helper is at work.
        ///
        /// A pointer, so that a helper that still holds the job a moment later does not hold the body.
        private nonisolated(unsafe) let body: UnsafePointer<(_ part: Int, _ member: Int) -> Void>
        let next = Atomic<Int>(0)
        let helpers = Atomic<Int>(0)

        init(count: Int, body: UnsafePointer<(_ part: Int, _ member: Int) -> Void>) {
            self.count = count
            self.body = body
        }

        var hasParts: Bool { next.load(ordering: .relaxed) < count }

        /// Computes parts until none is left.
        func work(as member: Int) {
            while true {
                let part = next.add(1, ordering: .relaxed).oldValue
                guard part < count else { return }
                body.pointee(part, member)
            }
        }
    }

    private struct State {
        var jobs: [Job] = []
        var isOver = false
        /// Members that compute something of their own.
        var busy = 0
        /// Helpers at work on another's job.
        var helping = 0
    }

    /// Members and helpers that may compute at once.
    package let threads: Int
    private let state = Guarded(State())
    private let helpers = Guarded<[DedicatedThread]>([])

    /// - Parameters:
    ///   - threads: cores to use.
    ///   - prepare: what each helper does before it computes.
    /// - Throws: if the system gives no thread for one of the helpers.
    package init(
        threads: Int, prepare: @escaping @Sendable () -> Void
    ) throws(ThreadError) {
        self.threads = max(1, threads)
        let state = state
        let limit = self.threads
        for member in 1..<max(1, threads) {
            do throws(ThreadError) {
                let helper = try DedicatedThread {
                    prepare()
                    while let job = Self.nextJob(state, limit) {
                        job.work(as: member)
                        state.withLock { $0.helping -= 1 }
                        job.helpers.subtract(1, ordering: .releasing)
                    }
                }
                helpers.withLock { $0.append(helper) }
            } catch {
                state.withLock { $0.isOver = true }
                throw error
            }
        }
    }

    private init() { threads = 1 }

    /// A team of one: whoever computes, alone.
    package static func alone() -> ComputeTeam { ComputeTeam() }

    deinit {
        state.withLock { $0.isOver = true }
        for helper in helpers.withLock({ $0 }) { helper.join() }
    }

    /// A job that wants help while a core is free; nil when the team is over.
    private static func nextJob(_ state: Guarded<State>, _ limit: Int) -> Job? {
        state.wait { state -> Job?? in
            if state.isOver { return .some(nil) }
            guard state.busy + state.helping < limit, let job = state.jobs.first(where: \.hasParts)
            else { return nil }
            state.helping += 1
            job.helpers.add(1, ordering: .relaxed)
            return .some(job)
        }
    }

    /// Runs a member's own computation, during which it counts as busy.
    package func computing<Result>(_ body: () throws -> Result) rethrows -> Result {
        state.withLock { $0.busy += 1 }
        defer { state.withLock { $0.busy -= 1 } }
        return try body()
    }

    /// Whether a helper would come at this moment.
    package var hasIdleHelper: Bool {
        threads > 1 && state.withLock { $0.busy + $0.helping < threads }
    }

    /// Computes parts 0 ..< `count`, with helpers where some are idle; returns when all are done.
    ///
    /// - Parameter body: is given the part and who computes it: 0 for the caller, below ``threads``
    ///   for helpers.
    package func forEach(_ count: Int, _ body: (_ part: Int, _ member: Int) -> Void) {
        guard count > 1, hasIdleHelper else {
            for part in 0..<count { body(part, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { body in
                let job = Job(count: count, body: body)
                state.withLock { $0.jobs.append(job) }
                job.work(as: 0)
                state.withLock { $0.jobs.removeAll { $0 === job } }
                // Helpers finish the part they have in hand: microseconds to a few milliseconds.
                while job.helpers.load(ordering: .acquiring) > 0 { sched_yield() }
            }
        }
    }
}
