internal import ClusterProtocol
internal import JobState
internal import SpeechTypes

/// From what the journal holds to the state of a life.
extension Coordinator {
    /// Takes over the leases of the former life: they stay current until somebody claims them or
    /// the grace is over.
    mutating func adopt(_ replay: ReplayState) {
        let rows = 0..<ledger.plan.rowCount
        for trouble in replay.troubles where ledger.troubles[trouble.ordinal] != nil {
            if !trouble.lossesAlone.isEmpty || trouble.unprovenAlone > 0 {
                rest(trouble.ordinal, at: started)
            } else if !trouble.sourceSlots.isEmpty || !trouble.workerSlots.isEmpty {
                ledger.hold(trouble.ordinal, until: started + backoff(of: trouble))
            }
            for loss in trouble.lossesInCompany {
                rowsByLostInstance[loss.instance, default: []].insert(trouble.ordinal)
            }
        }
        // The newest first: a row that was given back and leased again is listed by both.
        for record in replay.openLeases.sorted(by: { $0.lease > $1.lease }) {
            nextLease = max(nextLease, record.lease + 1)
            let open = record.ordinals.filter {
                rows.contains($0) && !ledger.recorded.contains($0) && ledger.lease(of: $0) == nil
            }
            guard !open.isEmpty else {
                append(.leaseEnded(lease: record.lease, .finished))
                continue
            }
            for ordinal in open {
                // Whoever has it tries it now.
                ledger.release(ordinal)
                ledger.lease(ordinal, to: record.lease)
            }
            var kept = record
            kept.started = []
            leases[record.lease] = LeaseState(
                record: kept, holder: nil, open: open,
                started: Dictionary(
                    record.started.map { ordinal in
                        let audio =
                            rows.contains(ordinal) ? ledger.workMilliseconds(of: ordinal) : 0
                        return (ordinal, StartedRow(at: started, batchAudioMilliseconds: audio))
                    }, uniquingKeysWith: { first, _ in first }))
            unclaimed.insert(record.lease, at: 0)
        }
    }
}
