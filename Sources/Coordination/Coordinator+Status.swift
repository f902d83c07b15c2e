package import ClusterProtocol
internal import SpeechTypes

extension Coordinator {
    /// Progress, from memory.
    package func status(at now: Instant) -> JobStatus {
        var status = JobStatus()
        status.phase = phase == .running && !pauses.isEmpty ? .paused : phase
        status.pauses = pauses
        status.incarnation = incarnation
        status.rowsTotal = ledger.plan.rowCount
        status.rowsTranscribed = counts.rows(with: .transcribed)
        status.rowsRejected = counts.rows(with: .rejected)
        status.rowsQuarantined = counts.rows(with: .quarantined)
        status.rowsLeased = ledger.leasedCount
        status.rowsWaiting = ledger.waitingCount
        status.audioMillisecondsDone = transcribedAudioMilliseconds
        status.audioMillisecondsTotal =
            transcribedAudioMilliseconds + ledger.openRecordingMilliseconds
        status.workers = sessions.count
        status.workersComputing = sessionOrder.count { sessions[$0]?.inEngine.isEmpty == false }
        status.workersLost = workersLost
        status.rowsDuplicated = rowsDuplicated
        status.rowsRetried = rowsRetried
        let speed = speed.speed(at: now)
        status.speedMilli = speed
        if speed > 0 {
            let seconds = Double(ledger.openAudioMilliseconds) / Double(speed)
            status.remainingMilliseconds = Int(min(seconds * 1_000, 1e15))
        }
        status.elapsedMilliseconds = (now - started).wholeMilliseconds
        status.slots = sessionOrder.prefix(JobStatus.slotsMax).compactMap { sessions[$0]?.slot }
        status.failures = FailureCode.allCases.compactMap { code in
            let rows = counts[code]
            return rows > 0 ? .init(code: code.rawValue, rows: rows) : nil
        }
        return status
    }
}
