package import AudioFormats
package import SpeechTypes
internal import Threading

/// Recordings, or what is known of archives, that are fetched or made once for all rows of them, whichever thread asks
/// first.
///
/// The rows of a recording come one after the other, so the last recordings are kept: what takes long to come is not
/// asked for once for each of a thousand segments.
package final class SharedRecordings<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var running: Set<Key> = []
        /// The last ones, the latest at the end; what fails because of the input would fail again.
        var ended: [(key: Key, result: Result<Value, AudioError>)] = []
    }

    private let state = Guarded(State())
    private let keptMax: Int

    private static var waitMilliseconds: Int { 1_000 }

    /// - Parameter keptMax: recordings that are kept while nobody reads them.
    package init(keptMax: Int) { self.keptMax = keptMax }

    /// A recording, by `make` or by what it gave to an earlier row.
    ///
    /// - Parameter progress: is told of every step while another thread makes it.
    /// - Throws: what `make` throws.
    package func recording(
        _ key: Key, progress: EngineProgress?, make: () throws(AudioError) -> Value
    ) throws(AudioError) -> Value {
        while true {
            let next = state.withLock { state -> Result<Value, AudioError>?? in
                if let index = state.ended.firstIndex(where: { $0.key == key }) {
                    let found = state.ended.remove(at: index)
                    state.ended.append(found)
                    return .some(found.result)
                }
                return state.running.insert(key).inserted ? .some(nil) : nil
            }
            switch next {
            case .some(.some(let result)): return try result.get()
            case .some(.none): return try run(key, make)
            case .none:
                // Another thread makes it, within limits of its own.
                let isOver: Void? = state.wait(milliseconds: Self.waitMilliseconds) { state in
                    state.running.contains(key) ? nil : ()
                }
                if isOver == nil { progress?.step() }
            }
        }
    }

    /// Whether a recording is kept, or being made.
    package func knows(_ key: Key) -> Bool {
        state.withLock { state in
            state.running.contains(key) || state.ended.contains { $0.key == key }
        }
    }

    /// Forgets what was kept of one.
    package func forget(_ key: Key) {
        let dropped = state.withLock { state in
            let dropped = state.ended.filter { $0.key == key }
            state.ended.removeAll { $0.key == key }
            return dropped
        }
        withExtendedLifetime(dropped) {}
    }

    private func run(
        _ key: Key, _ make: () throws(AudioError) -> Value
    ) throws(AudioError) -> Value {
        let result = Result { () throws(AudioError) in try make() }
        // Files are closed outside of the lock.
        let dropped = state.withLock { state in
            state.running.remove(key)
            // What another try may mend is tried again.
            if case .failure(let error) = result, error.failureClass != .input { return [] }
            state.ended.append((key, result))
            let surplus = state.ended.prefix(max(0, state.ended.count - keptMax))
            state.ended.removeFirst(surplus.count)
            return Array(surplus)
        }
        withExtendedLifetime(dropped) {}
        return try result.get()
    }
}
