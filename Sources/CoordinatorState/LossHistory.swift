package import JobState

/// What the end of a session says about the process behind it.
package enum LossEvidence: Hashable, Sendable {
    /// It died of what it did: its parent saw a fault.
    case fault
    /// Its engine threw, and it lived on to say so and what it had started.
    case threw
    /// It is gone, and nobody saw why: its parent saw it killed.
    case gone
    /// A newer one has its slot: it is gone as well, or runs and says goodbye any moment.
    case replaced
    /// It does not answer, or does not get on: it may live.
    case silence
}

/// A session that ended without goodbye.
package struct Incident: Sendable {
    package var at: Instant
    package var loss: AttemptHistory.Loss
    /// Rows that gained a loss in company, which may be waived.
    package var company: [Int]
    /// Rows that were in its engine.
    package var rows: Set<Int>
    /// A suspect was alone in its engine, which explains the loss.
    package var isOfSuspect: Bool

    package init(
        at time: Instant, loss: AttemptHistory.Loss, company: [Int], rows: Set<Int>,
        isOfSuspect: Bool
    ) {
        at = time
        self.loss = loss
        self.company = company
        self.rows = rows
        self.isOfSuspect = isOfSuspect
    }
}

/// The losses of workers that still matter: for rows that rest, for a fleet that loses many at once, and for
/// instances that may turn out to be alive.
package struct LossHistory: Sendable {
    /// Oldest first.
    private var incidents: [Incident] = []
    /// Rows that were lost alone and rest, since when.
    private var restingSince: [Int: Instant] = [:]
    /// Rows whose history names an instance as lost in company, to take that back if it returns.
    private var rowsByInstance: [String: Set<Int>] = [:]
    /// How often a row may have been in the engine of a worker that was lost before it could say so.
    private var untoldLosses: [Int: Int] = [:]

    package init() {}

    /// Things remembered.
    package var count: Int {
        rowsByInstance.values.reduce(
            incidents.count + restingSince.count + untoldLosses.count
        ) { $0 + $1.count }
    }

    package mutating func add(_ incident: Incident) { incidents.append(incident) }

    // MARK: Rows that rest

    package mutating func rest(_ ordinal: Int, since now: Instant) { restingSince[ordinal] = now }

    package mutating func endRest(of ordinal: Int) { restingSince[ordinal] = nil }

    /// Since when a row rests; nil if it does not.
    package func restStart(of ordinal: Int) -> Instant? { restingSince[ordinal] }

    /// When a worker was lost last that had neither this row nor another suspect alone in its engine; nil if that
    /// is longer ago than `window`.
    ///
    /// What kills workers is then unlikely to be about still.
    package func lastUnrelatedLoss(of ordinal: Int, within window: Duration, at now: Instant)
        -> Instant?
    {
        incidents.last {
            now - $0.at < window && !$0.isOfSuspect && !$0.rows.contains(ordinal)
        }?.at
    }

    // MARK: Instances that may return

    /// A row's history names an instance as lost in company.
    package mutating func note(_ ordinal: Int, lostInCompanyOf instance: String) {
        rowsByInstance[instance, default: []].insert(ordinal)
    }

    /// Forgets instances of whose rows none has a history any more, or each loss would be remembered for ever.
    package mutating func forgetInstances(unless hasHistory: (Int) -> Bool) {
        rowsByInstance = rowsByInstance.filter { _, rows in rows.contains(where: hasHistory) }
    }

    /// The rows that may have lost an instance in company, which is forgotten; nil if there are none.
    package mutating func removeRows(lostInCompanyOf instance: String) -> [Int]? {
        rowsByInstance.removeValue(forKey: instance)?.sorted()
    }

    // MARK: Rows that may have been started untold

    /// A worker was lost that may have started the row without anybody hearing of it.
    ///
    /// - Returns: how often that has happened to the row.
    package mutating func addUntoldLoss(of ordinal: Int) -> Int {
        untoldLosses[ordinal, default: 0] += 1
        return untoldLosses[ordinal, default: 0]
    }

    /// The row is known to be in an engine, is a suspect already, or has its outcome.
    package mutating func forgetUntoldLosses(of ordinal: Int) {
        if !untoldLosses.isEmpty { untoldLosses[ordinal] = nil }
    }

    // MARK: Many losses at once

    /// Slots that were lost within `window`, after forgetting what is older than `kept`.
    package mutating func slotsLost(
        within window: Duration, keeping kept: Duration, at now: Instant
    ) -> Set<String> {
        incidents.removeAll { now - $0.at > kept }
        return Set(incidents.filter { now - $0.at <= window }.map(\.loss.slot))
    }

    /// The losses in company within `window`, by incident, which are looked at only once.
    package mutating func removeCompany(
        within window: Duration, at now: Instant
    ) -> [(loss: AttemptHistory.Loss, rows: [Int])] {
        var removed: [(loss: AttemptHistory.Loss, rows: [Int])] = []
        for index in incidents.indices where now - incidents[index].at <= window {
            removed.append((incidents[index].loss, incidents[index].company))
            incidents[index].company = []
        }
        return removed
    }
}
