internal import ClusterProtocol
internal import CoordinatorState
internal import Digests
internal import JobState
internal import SpeechTypes

/// Rows with the audio of another row: one computation, a record each.
///
/// A duplicate is suspended until the first row with its audio has an outcome, and gets its own in the same
/// commit. What cannot be taken over is tried like any other row, so no record depends on it.
extension Coordinator {
    /// Suspends duplicates whose first row is still to come.
    mutating func deferDuplicates() {
        for pair in ledger.plan.duplicates.pairs {
            let (first, duplicate) = (Int(pair.first), Int(pair.duplicate))
            guard !ledger.recorded.contains(first), ledger.isWaiting(duplicate) else { continue }
            ledger.suspend(duplicate)
        }
    }

    /// Ends the duplicates of a row that has just ended, or lets them go.
    mutating func settleDuplicates(of outcome: RowOutcome) {
        for duplicate in ledger.plan.duplicates.duplicates(of: outcome.ordinal)
        where ledger.isSuspended(duplicate) {
            guard let own = duplicateOutcome(outcome, duplicate) else {
                ledger.release(duplicate)
                continue
            }
            record(own)
        }
    }

    /// The outcome that a duplicate takes over; nil if that says more about the first row than about its
    /// audio.
    private func duplicateOutcome(_ outcome: RowOutcome, _ duplicate: Int) -> RowOutcome? {
        var own = outcome
        own.ordinal = duplicate
        own.rowDigest = ledger.plan.rowDigest(of: duplicate)
        own.lease = 0
        if let code = outcome.code {
            return code.isAboutAudio ? own : nil
        }
        guard let first = outcome.record,
            let record = ledger.plan.record(of: duplicate, like: first),
            record.count <= limits.recordBytesMax
        else { return nil }
        own.record = record
        own.recordCRC = CRC32C.checksum(of: record)
        own.recordDigest = SHA256Hasher.digest(of: record).short
        return own
    }
}
