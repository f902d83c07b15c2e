package import ClusterProtocol
package import JobState
package import SpeechTypes

/// What a worker told of its time and memory over the last minute or so.
package struct LoadHistory: Sendable {
    /// The oldest first: it is the one before the window began, so that the window is whole.
    private var told: [(at: Instant, load: WorkerLoad)] = []
    /// What the engine had done before this session, which was told to an earlier one.
    private var isContinued: Bool

    private static let window = Duration.seconds(60)

    /// - Parameter isContinued: the worker had an earlier session with this job.
    package init(isContinued: Bool) { self.isContinued = isContinued }

    package var latest: WorkerLoad? { told.last?.load }

    /// The engine's times over the window.
    package var recent: EngineLoad {
        guard let first = told.first, let last = told.last else { return .zero }
        return last.load.engine.since(told.count == 1 && !isContinued ? .zero : first.load.engine)
    }

    /// Takes what a heartbeat told.
    ///
    /// - Returns: what of it was not told before.
    package mutating func add(_ load: WorkerLoad, at now: Instant) -> EngineLoad {
        let before = latest?.engine ?? (isContinued ? load.engine : .zero)
        told.append((now, load))
        while told.count > 2, now - told[1].at > Self.window { told.removeFirst() }
        return load.engine.since(before)
    }
}
