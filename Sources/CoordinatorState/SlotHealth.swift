package import ClusterProtocol
package import JobState

/// What is held against a place where workers run, never against rows.
package struct SlotHealth: Sendable {
    /// When workers of the slot said that they themselves failed.
    private var failures: [Instant] = []
    package private(set) var benchedUntil = Instant(nanoseconds: .min)
    private var benches = 0

    package init() {}

    /// Notes a failure of the worker itself.
    ///
    /// - Returns: whether it was one too many.
    package mutating func fail(at now: Instant, limits: ClusterLimits) -> Bool {
        failures.removeAll { now - $0 > limits.workerFailureWindow }
        failures.append(now)
        return failures.count >= limits.workerFailuresMax
    }

    /// The slot gets no work for a while, twice as long each time.
    package mutating func bench(at now: Instant, limits: ClusterLimits) {
        failures = []
        let doubled = limits.benchMin.wholeNanoseconds << min(benches, 16)
        benchedUntil = now + .nanoseconds(min(doubled, limits.benchMax.wholeNanoseconds))
        benches += 1
    }
}

/// Rows that a worker could not read, and whether others could.
package struct Misreadings: Sendable {
    private var rowsEnded = 0
    private var failures: [(ordinal: Int, index: Int, isRefuted: Bool)] = []

    package init() {}

    /// A row ended here, `isFailure`: as unreadable.
    package mutating func add(_ ordinal: Int, isFailure: Bool, window: Int) {
        rowsEnded += 1
        if isFailure { failures.append((ordinal, rowsEnded, false)) }
        failures.removeAll { $0.index <= rowsEnded - window }
    }

    /// Another worker read the row.
    ///
    /// - Returns: how many of the last rows were misread here.
    package mutating func refute(_ ordinal: Int) -> Int {
        for index in failures.indices where failures[index].ordinal == ordinal {
            failures[index].isRefuted = true
        }
        return failures.count(where: \.isRefuted)
    }
}

/// Engine failures among the last rows of the whole fleet.
package struct EngineFailures: Sendable {
    private var rowsEnded = 0
    private var failures: [(slot: String, index: Int)] = []

    package init() {}

    package mutating func rowEnded(window: Int) {
        rowsEnded += 1
        if let first = failures.first, first.index <= rowsEnded - window { failures.removeFirst() }
    }

    package mutating func rowFailed(slot: String, window: Int) {
        rowEnded(window: window)
        failures.append((slot, rowsEnded))
    }

    /// More than a fifth of the last rows failed, in many slots: no fault of the rows.
    package func isSuspect(window: Int, rowsMin: Int, slotsMin: Int) -> Bool {
        let rows = min(rowsEnded, window)
        return rows >= rowsMin && failures.count * 5 > rows
            && Set(failures.map(\.slot)).count >= slotsMin
    }
}
