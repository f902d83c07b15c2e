internal import ClusterProtocol
internal import SpeechTypes

/// From what the journal holds to the state of a life.
extension Coordinator {
    /// Takes over the leases of the former life: they stay current until somebody claims them or
    /// the grace is over.
    mutating func adopt(_ replay: ReplayState) {
        for trouble in replay.troubles where !ledger.recorded.contains(trouble.ordinal) {
            for loss in trouble.lossesInCompany {
                rowsByLostInstance[loss.instance, default: []].insert(trouble.ordinal)
            }
        }
        // The newest first: a row that was given back and leased again is listed by both.
        for record in replay.openLeases.sorted(by: { $0.lease > $1.lease }) {
            precondition(record.lease < nextLease, "lease \(record.lease) is beyond the last one")
            let open = record.ordinals.filter {
                !ledger.recorded.contains($0) && ledger.lease(of: $0) == nil
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
