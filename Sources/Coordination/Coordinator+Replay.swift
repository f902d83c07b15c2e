internal import ClusterProtocol
internal import SpeechTypes

/// From what the journal holds to the state of a life.
extension Coordinator {
    /// Takes over the leases of the former life: they stay current until somebody claims them or
    /// the grace is over.
    mutating func adopt(_ replay: ReplayState) {
        let rows = 0..<ledger.plan.rowCount
        for trouble in replay.troubles where ledger.troubles[trouble.ordinal] != nil {
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
            for ordinal in open { ledger.lease(ordinal, to: record.lease) }
            var kept = record
            kept.started = []
            leases[record.lease] = LeaseState(
                record: kept, holder: nil, open: open, started: Set(record.started))
            unclaimed.insert(record.lease, at: 0)
        }
    }
}
