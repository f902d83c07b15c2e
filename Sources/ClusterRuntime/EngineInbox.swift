package import SpeechTypes
internal import Threading

/// The rows that wait for the engine: filled by the session's thread, emptied by the engine's.
package final class EngineInbox: RowInbox {
    private struct State {
        var waiting: [RowTask] = []
        /// Rows that the engine has taken and not ended.
        var inEngine: Set<Int> = []
        var isAloneInEngine = false
        var isHeld = false
        var isClosed = false
        /// Changes with ``waiting``, and with who runs alone.
        var version = 0

        /// What a caller gets: nothing yet, the end, or a row.
        mutating func nextRow() -> RowTask?? {
            if isHeld { return nil }
            guard let first = waiting.first else { return isClosed ? .some(nil) : nil }
            if isAloneInEngine || (first.isAlone && !inEngine.isEmpty) { return nil }
            waiting.removeFirst()
            inEngine.insert(first.ordinal)
            isAloneInEngine = first.isAlone
            version += 1
            return first
        }
    }

    private let state = Guarded(State())

    package init() {}

    // MARK: The engine's side

    package func next() -> RowTask? { state.wait { $0.nextRow() } }

    package func nextIfAvailable() -> RowTask? { state.withLock { $0.nextRow() } ?? nil }

    package func upcoming(_ count: Int, after version: Int) -> UpcomingRows? {
        state.wait { state -> UpcomingRows?? in
            if state.isClosed && state.waiting.isEmpty { return .some(nil) }
            guard state.version != version else { return nil }
            let rows = state.isAloneInEngine ? [] : state.waiting.prefix(count)
            return UpcomingRows(rows: Array(rows.prefix { !$0.isAlone }), version: state.version)
        }
    }

    /// A row has ended in the engine; a row that waits to be alone may be next.
    package func ended(_ ordinal: Int) {
        state.withLock { state in
            state.inEngine.remove(ordinal)
            guard state.inEngine.isEmpty, state.isAloneInEngine else { return }
            state.isAloneInEngine = false
            state.version += 1
        }
    }

    // MARK: The session's side

    package func append(_ tasks: [RowTask]) {
        state.withLock { state in
            state.waiting += tasks
            state.version += 1
        }
    }

    /// Takes back those of `ordinals` that the engine has not taken.
    ///
    /// - Returns: the rows that the engine will not see.
    package func withdraw(_ ordinals: [Int]) -> [Int] {
        let wanted = Set(ordinals)
        return state.withLock { state in
            let taken = state.waiting.map(\.ordinal).filter { wanted.contains($0) }
            state.waiting.removeAll { wanted.contains($0.ordinal) }
            state.version += 1
            return taken
        }
    }

    /// Gives no row while held.
    package func setHeld(_ isHeld: Bool) {
        state.withLock { $0.isHeld = isHeld }
    }

    /// Ends when it is empty.
    package func close() {
        state.withLock { $0.isClosed = true }
    }
}
