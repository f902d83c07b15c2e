package import ClusterProtocol
internal import CoordinatorState
package import JobState
internal import SpeechTypes

extension Coordinator {
    /// Progress, from memory.
    package func status(at now: Instant) -> JobStatus {
        var status = JobStatus()
        status.phase = job.shown
        status.pauses = job.pauses
        status.epoch = epoch
        status.rowsTotal = ledger.plan.rowCount
        status.rowsTranscribed = progress.counts.rows(with: .transcribed)
        status.rowsRejected = progress.counts.rows(with: .rejected)
        status.rowsQuarantined = progress.counts.rows(with: .quarantined)
        status.rowsLeased = ledger.leasedCount
        status.rowsWaiting = ledger.waitingCount
        status.audioMillisecondsDone = progress.transcribedAudioMilliseconds
        status.audioMillisecondsTotal =
            progress.transcribedAudioMilliseconds + ledger.openRecordingMilliseconds
        let computed = computedMilliseconds
        status.audioMillisecondsDone += computed.recordings + ledger.doneSpanMilliseconds
        status.workers = sessions.count
        status.workersComputing = sessions.order.count { sessions[$0]?.inEngine.isEmpty == false }
        status.workersLost = progress.workersLost
        status.rowsDuplicated = progress.rowsDuplicated
        status.rowsRetried = progress.rowsRetried
        let speed = progress.speed(at: now)
        status.speedMilli = speed
        if speed > 0 {
            let left = max(0, ledger.openAudioMilliseconds - computed.work)
            let seconds = Double(left) / Double(speed)
            status.remainingMilliseconds = Int(min(seconds * 1_000, 1e15))
        }
        status.elapsedMilliseconds = (now - started).wholeMilliseconds
        status.slots = sessions.order.prefix(JobStatus.slotsMax).compactMap { sessions[$0]?.slot }
        status.load = progress.load
        for session in sessions.order.lazy.compactMap({ sessions[$0] }) {
            status.recentLoad += session.loads.recent
            status.residentBytes += session.loads.latest?.residentBytes ?? 0
        }
        status.failures = FailureCode.allCases.compactMap { code in
            let rows = progress.counts[code]
            return rows > 0 ? .init(code: code.rawValue, rows: rows) : nil
        }
        return status
    }

    /// Every worker that has a session, in the order in which they came.
    package func workerStatuses(at now: Instant) -> [WorkerStatus] {
        sessions.order.compactMap { sessions[$0]?.status(at: now) }
    }

    /// Audio that is computed of rows in engines: every lane counted, and as length of recordings.
    private var computedMilliseconds: (work: Int, recordings: Int) {
        var sum = (work: 0, recordings: 0)
        for number in sessions.order {
            guard let session = sessions[number], session.computedMilliseconds > 0 else { continue }
            // A row that is made of its spans is no work.
            let lengths = session.inEngine.map { ledger.length(of: $0) }.filter { $0.lanes > 0 }
            let work = lengths.reduce(0) { $0 + $1.workMilliseconds }
            let recordings = lengths.reduce(0) { $0 + $1.milliseconds }
            let computed = min(session.computedMilliseconds, work)
            sum.work += computed
            if work > 0 {
                sum.recordings += Int(Double(computed) / Double(work) * Double(recordings))
            }
        }
        return sum
    }
}
