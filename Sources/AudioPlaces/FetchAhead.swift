internal import ArchivedAudio
internal import Manifests
internal import RemoteAudio
package import SpeechTypes
package import Threading

/// Fetches the recordings of rows that are about to come, on threads of its own, so that nobody waits for their servers.
///
/// A row asks for its recording as it would without it: what is there is taken, what is on its way is waited for, and
/// what was not begun is fetched by whoever asks.
package final class FetchAhead: Sendable {
    private typealias Wanted = RemoteSources.Wanted

    private struct State {
        var plan: FetchPlan<Wanted>
        var threads = 0
        var idle = 0
        var isOver = false
    }

    private let inbox: any RowInbox
    private let paths: AudioPathPolicy
    private let sources: RemoteSources
    private let state: Guarded<State>

    /// Rows that are looked at: more than come in the time of an answer.
    private static let rowsMax = 32
    private static let threadsMax = 16
    /// Nothing deep runs on these threads.
    private static let stackBytes = 1 << 20

    /// Begins; nil for a job that fetches nothing.
    ///
    /// - Throws: if the system gives no thread.
    package init?(_ inbox: any RowInbox, _ paths: AudioPathPolicy) throws(ThreadError) {
        guard let sources = paths.sources else { return nil }
        self.inbox = inbox
        self.paths = paths
        self.sources = sources
        state = Guarded(
            State(
                plan: FetchPlan(FetchPlan.Limits(bytesMax: RemoteSources.bytesAheadMax)) {
                    $0.source
                }))
        _ = try DedicatedThread { [self] in look() }
    }

    /// Fetches nothing more; what is under way is given up.
    package func finish() {
        let fetching = state.withLock { state in
            state.isOver = true
            return state.plan.fetching
        }
        for object in fetching { sources.drop(object) }
    }

    /// Follows the rows that are to come.
    private func look() {
        var version = -1
        var known: [Int: Wanted?] = [:]
        while let seen = inbox.upcoming(Self.rowsMax, after: version), !isOver {
            version = seen.version
            var next: [Int: Wanted?] = [:]
            for task in seen.rows {
                next[task.ordinal] = known[task.ordinal] ?? wanted(by: task)
            }
            known = next
            let objects = seen.rows.compactMap { known[$0.ordinal] ?? nil }
            let now = MonotonicClock.milliseconds()
            let stale = state.withLock { state in
                state.plan.see(objects, at: now)
                return state.plan.stale(at: now)
            }
            for object in stale { sources.drop(object) }
            addThread()
        }
        finish()
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    /// What a row will ask for; nil for what is not fetched.
    private func wanted(by task: RowTask) -> Wanted? {
        if case .join = task.part { return nil }
        guard let row = try? ManifestRow.parse(raw: task.raw), row.hasAudio else { return nil }
        let local = paths.localPath(of: row.audioPath)
        if let member = ArchiveMember(local) {
            return paths.archives == nil ? nil : sources.wanted(member)
        }
        return sources.wanted(local)
    }

    /// One thread more where all are busy and there is something to fetch: most jobs need a few.
    private func addThread() {
        let object = state.withLock { state -> Wanted? in
            guard state.idle == 0, state.threads < Self.threadsMax, !state.isOver,
                let object = next(&state)
            else { return nil }
            state.threads += 1
            return object
        }
        guard let object else { return }
        do throws(ThreadError) {
            _ = try DedicatedThread(stackBytes: Self.stackBytes) { [self] in
                fetch(startingWith: object)
            }
        } catch {
            // Rows fetch for themselves.
            state.withLock { state in
                state.threads = Self.threadsMax
                state.plan.ended(object, byteCount: nil)
            }
        }
    }

    private func next(_ state: inout State) -> Wanted? {
        state.plan.next(bytesAhead: sources.bytesAhead) { sources.fetchesAhead(of: $0) }
    }

    private func fetch(startingWith first: Wanted) {
        var object: Wanted? = first
        while let current = object {
            addThread()
            let byteCount = sources.fetchAhead(current)
            state.withLock { state in
                state.plan.ended(current, byteCount: byteCount)
                state.idle += 1
            }
            object = state.wait { state -> Wanted?? in
                let next = state.isOver ? nil : next(&state)
                guard state.isOver || next != nil else { return nil }
                state.idle -= 1
                return .some(next)
            }
        }
    }
}
