package import JobState
internal import SpeechTypes

/// I3: a world's outcomes against those of the same job where nothing goes wrong.
package enum Undisturbed {
    /// The same rows and workers without a fault.
    static func world(_ world: SimulatedCluster.World) -> SimulatedCluster.World {
        var reference = world
        reference.faults = FaultPlan()
        reference.faults.endMilliseconds = 1_000
        reference.mutant = nil
        reference.encodesMessages = false
        reference.checksEveryTurn = false
        // Whoever shares a row must not show in its record.
        reference.sharesRows = false
        return reference
    }

    /// How rows ended otherwise than in the undisturbed run, a sentence each.
    ///
    /// Records are the same bytes wherever both have one. Where the row alone decides, a row that ends without a record
    /// ends with the same code in both; a row that fails in one place only may be given up or not.
    package static func differences(
        in input: SimulatedInput, of outcomes: (Int) -> RowOutcome?,
        from undisturbed: (Int) -> RowOutcome?
    ) -> [String] {
        var found: [String] = []
        for ordinal in 0..<input.rowCount {
            guard let outcome = outcomes(ordinal), let expected = undisturbed(ordinal) else {
                found.append("I3: row \(ordinal) has no outcome")
                continue
            }
            if let record = outcome.record, let other = expected.record, record != other {
                found.append("I3: row \(ordinal) has another record than undisturbed")
            }
            if outcome.record != nil, expected.record != nil,
                outcome.features != expected.features
            {
                found.append("I3: row \(ordinal) has other features than undisturbed")
            }
            guard input.behaviors[ordinal].isSameEverywhere else { continue }
            if outcome.status != expected.status || outcome.code != expected.code {
                found.append(
                    "I3: row \(ordinal) ended as \(outcome.code?.rawValue ?? "transcribed"), "
                        + "undisturbed as \(expected.code?.rawValue ?? "transcribed")")
            }
        }
        return found
    }
}

extension RowBehavior {
    /// The row ends the same way wherever and whenever it is tried.
    fileprivate var isSameEverywhere: Bool {
        switch self {
        case .good, .missing, .failsEngine, .poison, .poisonsAtOnce, .hangs, .invalid: true
        case .missingOnHost, .failsEngineOnSlot, .large, .workerFails: false
        }
    }
}
