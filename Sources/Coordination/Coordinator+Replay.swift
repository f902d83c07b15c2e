internal import ClusterProtocol
internal import CoordinatorState
internal import JobState
internal import SpeechTypes

/// From what the journal holds to the state of an epoch.
extension Coordinator {
    /// Takes over the leases of the former epoch: they stay current until somebody claims them or
    /// the grace is over.
    mutating func adopt(_ replay: ReplayState) {
        let rows = 0..<ledger.plan.rowCount
        for history in replay.histories where ledger.histories[history.ordinal] != nil {
            if !history.lossesAlone.isEmpty || history.unprovenAlone > 0 {
                rest(history.ordinal, at: started)
            } else if !history.sourceSlots.isEmpty || !history.workerSlots.isEmpty {
                ledger.hold(history.ordinal, until: started + backoff(of: history))
            }
            for loss in history.lossesInCompany {
                losses.note(history.ordinal, lostInCompanyOf: loss.instance)
            }
        }
        // The newest first: a row that was given back and leased again is listed by both.
        for record in replay.openLeases.sorted(by: { $0.lease > $1.lease }) {
            leases.reserve(record.lease)
            let open = record.ordinals.filter {
                rows.contains($0) && !ledger.recorded.contains($0) && ledger.lease(of: $0) == nil
            }
            guard !open.isEmpty else {
                append(.leaseEnded(lease: record.lease, .finished))
                continue
            }
            for ordinal in open {
                // Whoever has it tries it now, and all of it.
                endSharing(of: ordinal)
                ledger.release(ordinal)
                ledger.lease(ordinal, to: record.lease)
            }
            var kept = record
            kept.started = []
            let startedRows = record.started.map { ordinal in
                let audio = rows.contains(ordinal) ? ledger.workMilliseconds(of: ordinal) : 0
                return (ordinal, StartedRow(at: started, batchAudioMilliseconds: audio))
            }
            leases.adopt(
                LeaseState(
                    record: kept, holder: nil, open: open,
                    started: Dictionary(startedRows, uniquingKeysWith: { first, _ in first })))
        }
    }
}
