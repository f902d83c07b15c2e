internal import ClusterProtocol
internal import Digests
internal import JobState
internal import SpeechTypes

/// How each broken rule is broken.
extension SimulatedCluster {
    /// What a restart finds.
    func sabotage(_ replay: inout ReplayState) {
        switch world.mutant {
        case .reuseLeaseNumber:
            replay.lastLease = max(replay.openLeases.map(\.lease).max() ?? 0, replay.lastLease - 1)
        case .forgetLeases: replay.openLeases = []
        case .forgetHistories: replay.histories = []
        case .forgetPauses: replay.pauses = []
        case .forgetOutcome:
            var recorded = RowSet(rowCount: world.input.rowCount)
            var isForgotten = false
            for ordinal in 0..<world.input.rowCount where replay.recorded.contains(ordinal) {
                if isForgotten { recorded.insert(ordinal) }
                isForgotten = true
            }
            replay.recorded = recorded
        default: break
        }
    }

    /// The bounds that the coordinator keeps.
    var coordinatorLimits: ClusterLimits {
        var limits = world.limits
        switch world.mutant {
        case .oneDeathIsProof:
            limits.lossesAloneMax = 1
            limits.quietPeriod = .zero
        case .deathsAreFree:
            limits.lossesAloneMax = 1_000
            limits.unprovenAloneMax = 1_000
        case .readClock where world.clockShift != 0: limits.leaseWork = .seconds(1)
        case .oneSourceFailure: limits.sourceTriesMax = 1
        case .neverProbe:
            limits.sourceProbe = .seconds(1_000_000)
            limits.sourcePatience = .seconds(1_000_000)
        default: break
        }
        return limits
    }

    /// What is written of a batch.
    mutating func sabotage(_ entries: [JournalEntry]) -> [JournalEntry] {
        switch world.mutant {
        case .loseCommits: return random.happens(50) ? [] : entries
        case .reorderEntries: return entries.reversed()
        case .pauseEarlier:
            let isPause = { (entry: JournalEntry) in if case .pauses = entry { true } else { false }
            }
            return entries.filter(isPause) + entries.filter { !isPause($0) }
        case .dropHistories: return entries.filter { if case .history = $0 { false } else { true } }
        case .dropGrants:
            return entries.filter { if case .leaseGranted = $0 { false } else { true } }
        case .dropLeaseEnds:
            return entries.filter { if case .leaseEnded = $0 { false } else { true } }
        case .dropStarted:
            return entries.filter { if case .leaseStarted = $0 { false } else { true } }
        case .dropPauses: return entries.filter { if case .pauses = $0 { false } else { true } }
        case .dropRetries: return entries.filter { if case .retried = $0 { false } else { true } }
        case .dropFacts: return entries.filter { if case .fleetFacts = $0 { false } else { true } }
        default: return entries
        }
    }

    /// What the coordinator says.
    func sabotage(_ message: CoordinatorMessage) -> CoordinatorMessage {
        guard world.mutant == .acknowledgeOneMore, case .recorded(var recorded) = message else {
            return message
        }
        recorded.number += 1
        return .recorded(recorded)
    }

    /// What a worker hears.
    func distort(_ message: CoordinatorMessage) -> CoordinatorMessage {
        switch (world.mutant, message) {
        case (.ignoreWindow, .welcome(var welcome)):
            welcome.windowBytes = 1 << 30
            return .welcome(welcome)
        case (.ignoreWindow, .beat(var beat)):
            beat.windowBytes = 1 << 30
            return .beat(beat)
        case (.leaseOtherRow, .lease(var lease)) where lease.rows.count > 1:
            lease.rows[0].raw = lease.rows[1].raw
            return .lease(lease)
        default: return message
        }
    }

    /// What a broken worker makes of a message, or a broken rule.
    mutating func sabotage(
        _ message: WorkerMessage, _ process: SimulatedWorker
    ) -> WorkerMessage? {
        if case .hello(var hello) = message, world.mutant == .skipMessage {
            hello.firstNumber += 1
            return .hello(hello)
        }
        if case .release = message, world.mutant == .dropReleases { return nil }
        if case .heartbeat = message, world.mutant == .dropHeartbeats { return nil }
        guard case .results(var results) = message else { return message }
        if world.mutant == .dropResends,
            !resent.insert("\(process.instance) \(results.number)").inserted
        {
            return nil
        }
        if world.mutant == .swapRecords, results.rows.count > 1 {
            let first = results.rows[0]
            results.rows[0].copyRecord(of: results.rows[1])
            results.rows[1].copyRecord(of: first)
            return .results(results)
        }
        guard process.slot.index == world.faults.confusedSlot, !results.rows.isEmpty
        else { return message }
        // Sent again, it is confused in the same way.
        let name = "\(process.instance) \(results.number)"
        let mistake = mistakes[name] ?? drawMistake(results.rows.count)
        mistakes[name] = mistake
        guard let row = mistake.row else { return message }
        results.rows[row].ordinal = mistake.ordinal
        if world.mutant == .ignoreRowDigest {
            results.rows[row].rowDigest = world.input.rowDigest(of: mistake.ordinal)
        }
        return .results(results)
    }

    private mutating func drawMistake(_ rows: Int) -> (row: Int?, ordinal: Int) {
        let row = !isMended && random.happens(300) ? random.draw(0...rows - 1) : nil
        return (row, random.draw(0...world.input.rowCount - 1))
    }
}

extension ResultRow {
    fileprivate mutating func copyRecord(of other: ResultRow) {
        record = other.record
        recordCRC = other.recordCRC
        recordDigest = other.recordDigest
    }
}
