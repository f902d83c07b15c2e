internal import ClusterProtocol
internal import JobState
internal import SpeechTypes

/// A journal that loses what was not committed, and checks what is.
struct SimulatedJournal {
    private let rowCount: Int
    /// By ordinal.
    private(set) var outcomes: [Int: RowOutcome] = [:]
    private(set) var openLeases: [Int: LeaseRecord] = [:]
    private(set) var histories: [Int: AttemptHistory] = [:]
    private(set) var facts: FleetFacts?
    private(set) var pauses: [PauseReason] = []
    private(set) var lastLease = 0
    /// Of the coordinator that serves it, the highest ever.
    private(set) var epoch = 0
    /// How often each row was leased alone.
    private(set) var aloneLeases: [Int: Int] = [:]
    private(set) var notes: [JobNote] = []

    init(rowCount: Int) {
        self.rowCount = rowCount
    }

    /// A coordinator begins to serve the journal.
    mutating func begin(epoch: Int) { self.epoch = epoch }

    /// Makes a batch durable.
    ///
    /// - Returns: rules that the entries break.
    mutating func apply(_ entries: [JournalEntry]) -> [String] {
        var broken: [String] = []
        for entry in entries {
            switch entry {
            case .outcome(let outcome):
                if outcomes[outcome.ordinal] != nil {
                    broken.append("I1: row \(outcome.ordinal) got a second outcome")
                    continue
                }
                outcomes[outcome.ordinal] = outcome
                histories[outcome.ordinal] = nil
            case .leaseGranted(let lease):
                if lease.lease <= lastLease {
                    broken.append("I7: lease \(lease.lease) was granted after \(lastLease)")
                }
                if !pauses.allSatisfy({ $0 == .sourceDown }) {
                    broken.append("I13: lease \(lease.lease) was granted while the job was paused")
                }
                lastLease = max(lastLease, lease.lease)
                openLeases[lease.lease] = lease
                if lease.isAlone { for row in lease.ordinals { aloneLeases[row, default: 0] += 1 } }
            case .leaseStarted(let lease, let ordinals):
                openLeases[lease]?.started += ordinals
            case .leaseEnded(let lease, _):
                if openLeases.removeValue(forKey: lease) == nil {
                    broken.append("I7: lease \(lease) ended without being open")
                }
            case .history(let history):
                if outcomes[history.ordinal] == nil {
                    histories[history.ordinal] = history.isEmpty ? nil : history
                }
            case .retried(let ordinals):
                for ordinal in ordinals {
                    if outcomes.removeValue(forKey: ordinal)?.code == nil {
                        broken.append("I1: a transcript of row \(ordinal) was taken back")
                    }
                    histories[ordinal] = nil
                }
            case .pauses(let reasons):
                pauses = reasons
            case .fleetFacts(let facts):
                if self.facts != nil { broken.append("the facts of the fleet were set twice") }
                self.facts = facts
            case .note(let note):
                notes.append(note)
            }
        }
        return broken
    }

    /// What a restart finds.
    func replay(epoch: Int) -> ReplayState {
        var recorded = RowSet(rowCount: rowCount)
        var counts = OutcomeCounts()
        var audio = 0
        var givenUp: [Int: FailureCode] = [:]
        for ordinal in outcomes.keys.sorted() {
            guard let outcome = outcomes[ordinal] else { continue }
            recorded.insert(ordinal)
            counts.add(outcome.code)
            audio += outcome.audioMilliseconds
            if let code = outcome.code, !code.isFoundAtPlanning { givenUp[ordinal] = code }
        }
        return ReplayState(
            epoch: epoch, recorded: recorded, counts: counts,
            transcribedAudioMilliseconds: audio, lastLease: lastLease,
            openLeases: openLeases.keys.sorted().compactMap { openLeases[$0] },
            histories: histories.keys.sorted().compactMap { histories[$0] }, facts: facts,
            pauses: pauses, givenUp: givenUp)
    }
}
