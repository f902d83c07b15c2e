package import Processes
internal import Threading

/// Counts how often processes of local workers end early, and decides when the job cannot go on.
package final class DeathTally: Sendable {
    private struct State {
        var localSlots: Int
        var slotsEnded = 0
        var sinceProgress = 0
        var last: WorkerDeath?
        var allEndedAt: Int?
    }

    private let state: Guarded<State>

    /// So many processes in a row may end before any row is started, and so many more for each slot.
    ///
    /// Processes that end with a row in the engine are counted for that row by the coordinator, which
    /// gives it up after a few.
    private static let deathsMax = 3
    private static let deathsMaxPerSlot = 2
    /// Workers end when the job does; the coordinator's own end follows within this time.
    private static let endMilliseconds = 5_000

    package init(localSlots: Int) {
        state = Guarded(State(localSlots: localSlots))
    }

    /// Counts a death.
    ///
    /// - Parameter now: milliseconds of ``MonotonicClock``.
    package func add(_ death: WorkerDeath, at now: Int = MonotonicClock.milliseconds()) {
        state.withLock { state in
            state.last = death
            state.sinceProgress += 1
            if !death.isRestarted {
                state.slotsEnded += 1
                if state.slotsEnded == state.localSlots {
                    state.allEndedAt = now
                }
            }
        }
    }

    /// A worker has started a row, so workers can start: counting begins anew.
    package func progress() {
        state.withLock { $0.sinceProgress = 0 }
    }

    /// Why the job cannot go on; nil while it can.
    ///
    /// - Parameter now: milliseconds of ``MonotonicClock``.
    package func verdict(
        hasOtherWorkers: Bool, at now: Int = MonotonicClock.milliseconds()
    ) -> RuntimeError? {
        state.withLock { state in
            guard state.localSlots > 0, !hasOtherWorkers, let last = state.last else { return nil }
            if last.status == ExitStatus.usage, state.slotsEnded > 0 {
                // Another start would be told the same.
                let sentence = LocalWorkers.withoutOwnName(last.lastLines.last ?? last.sentence)
                return RuntimeError(.usage, "a worker: \(sentence)")
            }
            if last.status == ExitStatus.storage {
                // Another worker on this machine would fail in the same way, after computing everything again.
                let sentence = LocalWorkers.withoutOwnName(last.lastLines.last ?? last.sentence)
                return RuntimeError(.storage, "a worker: \(sentence)")
            }
            let lines = last.lastLines.isEmpty ? "" : "\n" + last.lastLines.joined(separator: "\n")
            if let ended = state.allEndedAt,
                now - ended > Self.endMilliseconds
            {
                return RuntimeError(
                    last.status == ExitStatus.jobRefused ? .jobRefused : .engine,
                    "all workers have ended (\(last.sentence))\(lines)")
            }
            if state.sinceProgress >= Self.deathsMax + Self.deathsMaxPerSlot * state.localSlots {
                return RuntimeError(
                    .engine,
                    "workers die before they start a row (\(state.sinceProgress) times, "
                        + "last: \(last.sentence))\(lines)")
            }
            return nil
        }
    }
}
