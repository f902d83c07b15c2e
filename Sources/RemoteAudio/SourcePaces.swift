internal import Threading

/// How the sources of a job answer, for all threads that ask them.
final class SourcePaces: Sendable {
    private struct State {
        var paces: [String: SourcePace] = [:]
        /// What rows fetch for themselves at the moment.
        var fetching: [String: Int] = [:]
    }

    private let state = Guarded(State())

    /// Sources that are remembered; of a list with a host a row, those beyond are asked as often as any.
    private static let sourcesMax = 4_096

    func began(_ source: String) { state.withLock { $0.fetching[source, default: 0] += 1 } }

    func finished(_ source: String) {
        state.withLock { state in
            let left = (state.fetching[source] ?? 1) - 1
            state.fetching[source] = left > 0 ? left : nil
        }
    }

    func ended(_ answer: SourcePace.Answer, of source: String, begun: Int) {
        state.withLock { state in
            guard state.paces[source] != nil || state.paces.count < Self.sourcesMax else { return }
            state.paces[source, default: SourcePace()].ended(answer, begun: begun)
        }
    }

    func isAway(_ source: String) -> Bool {
        let now = MonotonicClock.milliseconds()
        return state.withLock { $0.paces[source]?.isAway(at: now) ?? false }
    }

    /// How many fetches the source may be given at this moment, beside those of rows.
    func free(of source: String) -> Int {
        state.withLock { state in
            (state.paces[source]?.concurrency ?? SourcePace.concurrencyMax)
                - (state.fetching[source] ?? 0)
        }
    }
}
