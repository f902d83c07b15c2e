internal import ClusterProtocol
internal import Coordination
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// What really happened, and the invariants (docs/cluster-protocol.md) checked against it.
struct ClusterChecker {
    private let input: SimulatedInput
    private(set) var violations: [String] = []
    /// Rows that each numbered message of each instance carried when it was first sent.
    private var sent: [String: [Int: [Int]]] = [:]
    /// Up to where acknowledgements of an instance were checked.
    private var checkedThrough: [String: Int] = [:]
    private var refused: Set<Int> = []
    private(set) var everStarted: Set<Int> = []
    /// Leases that are not over, by number.
    private var openLeases: [Int: LeaseRecord] = [:]
    /// Processes that died of a fault.
    private var faulted: Set<String> = []
    /// How often rows were in leases that were lost, and those that once were so by a fault.
    private var lostLeases: [Int: Int] = [:]
    private var lostByFault: Set<Int> = []
    /// Workers that each poison row took since it had its present budget.
    private var takenBy: [Int: Int] = [:]
    /// The most that one poison row took.
    private(set) var takenMax = 0
    private var windows: [String: ResultsWindow] = [:]
    private let isQuiet: Bool
    private let hasFeatures: Bool
    /// Rows that several workers may share: the losses of their spans are not journalled.
    private let sharedRows: Set<Int>
    private(set) var restarts = 0
    /// Commands of operators that this epoch was given and has not answered.
    private var commandsOpen = 0

    /// - Parameters:
    ///   - isQuiet: nothing goes wrong but what rows do.
    ///   - hasFeatures: rows have features beside their records.
    ///   - limits: where several workers share rows.
    init(input: SimulatedInput, isQuiet: Bool, hasFeatures: Bool, limits: ClusterLimits?) {
        self.input = input
        self.isQuiet = isQuiet
        self.hasFeatures = hasFeatures
        sharedRows = Set(limits.map { SpanTable(plan: input, limits: $0).rows } ?? [])
    }

    mutating func fail(_ sentence: String) {
        // One is enough, and a broken world breaks many.
        if violations.count < 20 { violations.append(sentence) }
    }

    mutating func workerSends(_ message: WorkerMessage, instance: String) {
        switch message {
        case .results(let results):
            if sent[instance]?[results.number] == nil {
                sent[instance, default: [:]][results.number] = results.rows.map(\.ordinal)
            }
        default: break
        }
    }

    /// Poison rows took a worker with them.
    mutating func countLostWorker(_ ordinals: [Int]) {
        for ordinal in ordinals {
            takenBy[ordinal, default: 0] += 1
            takenMax = max(takenMax, takenBy[ordinal] ?? 0)
            let deathsMax =
                input.behaviors[ordinal] == .poisonsAtOnce
                ? Self.deathsAtOnceMax : Self.deathsMax
            // Spans of one row may take workers side by side.
            if isQuiet, !sharedRows.contains(ordinal), takenBy[ordinal] ?? 0 > deathsMax {
                fail("row \(ordinal) took more than \(deathsMax) workers")
            }
        }
    }

    /// What a poison row may cost where nothing else goes wrong.
    private static let deathsMax = 3
    /// The same of a row that kills before anybody hears of it: three losses make it a suspect, eight more that
    /// prove nothing give it up.
    private static let deathsAtOnceMax = 11

    /// I12: what is sent and not known to be recorded stays within what the coordinator allowed.
    mutating func resultsOnTheirWay(_ results: Results, instance: String) {
        let bytes = results.rows.reduce(0) { $0 + $1.record.count }
        guard windows[instance, default: ResultsWindow()].admits(results.number, bytes) else {
            fail("I12: \(instance) sent more results than its window holds")
            return
        }
    }

    mutating func workerHears(_ message: CoordinatorMessage, instance: String) {
        windows[instance, default: ResultsWindow()].hear(message)
    }

    mutating func engineStarts(_ ordinals: [Int]) { everStarted.formUnion(ordinals) }

    mutating func coordinatorRestarts() {
        restarts += 1
        commandsOpen = 0
    }

    // MARK: Operators

    mutating func commandGiven() { commandsOpen += 1 }

    mutating func commandAnswered() { commandsOpen -= 1 }

    /// I4 and I5: what is said depends on durable entries only.
    mutating func coordinatorSends(
        _ message: CoordinatorMessage, instance: String, journal: SimulatedJournal
    ) {
        switch message {
        case .recorded(let recorded):
            refused.formUnion(recorded.refusedOrdinals)
            acknowledged(through: recorded.number, instance, journal)
        case .beat(let beat):
            acknowledged(through: beat.recordedNumber, instance, journal)
        default: break
        }
    }

    private mutating func acknowledged(
        through number: Int, _ instance: String, _ journal: SimulatedJournal
    ) {
        let known = checkedThrough[instance] ?? 0
        guard number > known else { return }
        for message in known + 1...number {
            for ordinal in sent[instance]?[message] ?? []
            where ordinal < input.rowCount && journal.outcomes[ordinal] == nil
                && !refused.contains(ordinal)
            {
                fail("I4: row \(ordinal) was acknowledged and is not durable")
            }
        }
        checkedThrough[instance] = number
    }

    mutating func coordinatorSends(_ grant: LeaseGrant, journal: SimulatedJournal) {
        if journal.openLeases[grant.lease] == nil, grant.lease > journal.lastLease {
            fail("I5: lease \(grant.lease) was sent and is not durable")
        }
    }

    /// Entries became durable.
    mutating func committed(_ entries: [JournalEntry], journal: SimulatedJournal) {
        for case .outcome(let outcome) in entries { check(outcome, journal) }
        for case .retried(let ordinals) in entries {
            for ordinal in ordinals { takenBy[ordinal] = nil }
        }
        noteLeases(of: entries)
        for case .history(let history) in entries where restarts == 0 && history.needsToBeAlone {
            // After a restart nobody may know what was started, and all of a lease is suspected.
            let row = history.ordinal
            if !everStarted.contains(row), !lostByFault.contains(row),
                lostLeases[row] ?? 0 < ClusterLimits().untoldLossesMax
            {
                fail("I11: row \(row) is charged with a loss and never was in an engine")
            }
        }
    }

    /// A process died of a fault.
    mutating func workerFaults(_ instance: String) { faulted.insert(instance) }

    /// Which rows may have been started without a word: those of leases that were lost.
    private mutating func noteLeases(of entries: [JournalEntry]) {
        for entry in entries {
            switch entry {
            case .leaseGranted(let record):
                openLeases[record.lease] = record
            case .leaseEnded(let lease, let end):
                guard let record = openLeases.removeValue(forKey: lease),
                    end == .lost || end == .stalled
                else { continue }
                for ordinal in record.ordinals { lostLeases[ordinal, default: 0] += 1 }
                if faulted.contains(record.instance) { lostByFault.formUnion(record.ordinals) }
            default: break
            }
        }
    }

    private mutating func check(_ outcome: RowOutcome, _ journal: SimulatedJournal) {
        let ordinal = outcome.ordinal
        let behavior = input.behaviors[ordinal]
        if outcome.status == .transcribed {
            if outcome.record != SimulatedInput.record(of: SimulatedInput.raw(of: ordinal)) {
                fail("I9: row \(ordinal) got the record of another")
            }
            let features =
                hasFeatures ? SimulatedInput.features(of: SimulatedInput.raw(of: ordinal)) : []
            if outcome.features != features {
                fail("I9: row \(ordinal) got other features than its own")
            }
            if [.missing, .failsEngine, .invalid].contains(behavior) || behavior.isPoison {
                fail("I9: row \(ordinal) was transcribed though it cannot be")
            }
            return
        }
        switch outcome.code {
        case .quarantinedCrash:
            // I10: the losses while alone that make the verdict need as many leases alone.
            if journal.aloneLeases[ordinal] ?? 0 < 2, !sharedRows.contains(ordinal) {
                fail("I10: row \(ordinal) was quarantined and was never lost alone twice")
            }
            if !behavior.isPoison { fail("I10: row \(ordinal) is innocent and was quarantined") }
        case .quarantinedSource:
            // Outages are shorter than the patience of a row.
            fail("row \(ordinal) was given up for a source that came back")
        case .quarantinedMemory:
            if case .large = behavior { break }
            fail("row \(ordinal) was given up as too large and is not")
        case .quarantinedEngine:
            switch behavior {
            case .failsEngine, .failsEngineOnSlot: break
            default: fail("row \(ordinal) was quarantined for an engine that never failed on it")
            }
        case SimulatedInput.missingCode:
            switch behavior {
            case .missing, .missingOnHost: break
            default: fail("row \(ordinal) was rejected as missing and is there")
            }
        case SimulatedInput.invalidCode:
            if behavior != .invalid { fail("row \(ordinal) was rejected at planning and is fine") }
        default:
            fail("row \(ordinal) ended with \(outcome.code?.rawValue ?? "no code")")
        }
    }

    /// I6: what a restart would find is what the living one knows.
    mutating func compare(_ coordinator: Coordinator, with journal: SimulatedJournal) {
        let living = coordinator.hardState
        let durable = journal.replay(epoch: living.epoch)
        if living.recorded != durable.recorded || living.counts != durable.counts {
            fail("I6: the journal has other outcomes than the coordinator")
        }
        if living.transcribedAudioMilliseconds != durable.transcribedAudioMilliseconds {
            fail("I6: the journal has other audio than the coordinator")
        }
        if living.lastLease != durable.lastLease { fail("I6: lease numbers differ") }
        if living.facts != durable.facts || living.pauses != durable.pauses {
            fail("I6: the journal has other facts or pauses")
        }
        if living.givenUp != durable.givenUp { fail("I6: the journal gave up other rows") }
        if living.histories != durable.histories {
            fail("I6: the journal has other attempt histories")
        }
        let open = durable.openLeases.map { lease in
            var lease = lease
            lease.ordinals.removeAll { durable.recorded.contains($0) }
            return lease
        }
        for (own, kept) in zip(living.openLeases, open)
        where own.lease != kept.lease || !Set(own.ordinals).isSubset(of: kept.ordinals)
            || !Set(own.started).isSubset(of: kept.started)
        {
            fail("I6: lease \(own.lease) differs from the journal's")
        }
        if living.openLeases.count != open.count { fail("I6: the journal has other open leases") }
    }

    /// I2 and P4, at the end; I3 is checked against an undisturbed run.
    mutating func finished(_ journal: SimulatedJournal) {
        for ordinal in 0..<input.rowCount where journal.outcomes[ordinal] == nil {
            fail("I2: row \(ordinal) has no outcome at the end")
        }
        if commandsOpen != 0 { fail("P4: \(commandsOpen) commands were not answered") }
    }
}

/// Results of one worker that are on their way, as the coordinator's words allow.
private struct ResultsWindow {
    private var bytesMax = 0
    private var onTheirWay: [Int: Int] = [:]

    /// Notes a message; false if it should not have been sent yet.
    mutating func admits(_ number: Int, _ bytes: Int) -> Bool {
        // Sent again: what went before is forgotten with it.
        if onTheirWay[number] != nil { onTheirWay = [:] }
        onTheirWay[number] = bytes
        return onTheirWay.count == 1 || onTheirWay.values.reduce(0, +) <= bytesMax
    }

    mutating func hear(_ message: CoordinatorMessage) {
        switch message {
        case .welcome(let welcome):
            bytesMax = welcome.windowBytes
            onTheirWay = [:]
        case .beat(let beat):
            bytesMax = beat.windowBytes
            onTheirWay = onTheirWay.filter { $0.key > beat.recordedNumber }
        case .recorded(let recorded):
            onTheirWay = onTheirWay.filter { $0.key > recorded.number }
        default: break
        }
    }
}
