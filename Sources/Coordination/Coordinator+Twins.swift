internal import ClusterProtocol
internal import Digests
internal import SpeechTypes

/// Rows with the audio of another row: one computation, a record each.
///
/// A twin is parked until the first row with its audio has an outcome, and gets its own in the same
/// commit. What cannot be taken over is tried like any other row, so no record depends on it.
extension Coordinator {
    /// Parks twins whose first row is still to come.
    mutating func parkTwins() {
        for pair in ledger.plan.twins.pairs {
            let (first, twin) = (Int(pair.first), Int(pair.twin))
            guard !ledger.recorded.contains(first), ledger.isWaiting(twin) else { continue }
            ledger.park(twin)
        }
    }

    /// Ends the twins of a row that has just ended, or lets them go.
    mutating func settleTwins(of outcome: RowOutcome) {
        for twin in ledger.plan.twins.twins(of: outcome.ordinal) where ledger.isParked(twin) {
            guard let own = twinOutcome(outcome, twin) else {
                ledger.release(twin)
                continue
            }
            transcribedAudioMilliseconds += own.audioMilliseconds
            record(own)
        }
    }

    /// The outcome that a twin takes over; nil if that says more about the first row than about its
    /// audio.
    private func twinOutcome(_ outcome: RowOutcome, _ twin: Int) -> RowOutcome? {
        var own = outcome
        own.ordinal = twin
        own.rowDigest = ledger.plan.rowDigest(of: twin)
        own.lease = 0
        if let code = outcome.code {
            return code.isAboutAudio ? own : nil
        }
        guard let first = outcome.record,
            let record = ledger.plan.record(of: twin, like: first),
            record.count <= limits.recordBytesMax
        else { return nil }
        own.record = record
        own.recordCRC = CRC32C.checksum(of: record)
        own.recordDigest = SHA256Hasher.digest(of: record).short
        return own
    }
}

extension FailureCode {
    /// Whether another row with the same audio ends the same way: not where a path or a server is at
    /// fault.
    fileprivate var isAboutAudio: Bool {
        switch self {
        case .audioNotFound, .audioForbiddenPath, .audioUnsupportedLocation, .quarantinedSource,
            .manifestInvalidJSON, .manifestInvalidUTF8, .manifestTooLong, .manifestMissingField,
            .manifestBadPath:
            false
        // A span beyond the end of the audio is a bad one too.
        case .manifestBadSpan, .audioUnsupported, .audioEncrypted, .audioDamaged, .audioEmpty,
            .audioOnlyZeros, .audioSampleRate, .audioChannel, .audioTooLong,
            .audioNotFinite, .quarantinedCrash, .quarantinedEngine, .quarantinedMemory:
            true
        }
    }
}
