internal import ClusterProtocol
package import ClusterRuntime
internal import JobJournal
internal import JobOutput
internal import JobState
package import Manifests
package import Processes
internal import Provenance
internal import SpeechTypes
internal import StrictJSON

/// What is known of a job that nobody works on, as a board shows it.
package struct StoredReading: Sendable {
    package var reading = StatusBoard.Reading()
    /// The job's rows; nil where the input is not what it was.
    package var rows: IndexedManifest?

    /// Rows of each code that are shown: people look for one among them.
    package static let failuresMax = 1_000

    /// Reads the journal of the job that writes `output`, and its report where there is one.
    ///
    /// The job is held while it is read, so that no coordinator begins meanwhile, and let go of then.
    ///
    /// - Throws: `superseded` if a coordinator works on the job, `usage` if `output` is none of a job.
    package init(ofOutput output: String) throws(RuntimeError) {
        let report: ReportFile?
        do throws(ManifestError) {
            report = try ReportFile.read(ReportFile.path(ofOutput: output))
        } catch {
            throw RuntimeError(error)
        }
        let job: StoredJob
        do throws(RuntimeError) {
            job = try StoredJob(output)
        } catch {
            guard error.code == .usage, let report else { throw error }
            show(report)
            return
        }
        let overview = try job.overview(
            failuresMax: Self.failuresMax, transcriptsMax: RecentRows.transcriptsMax,
            recordBytesMax: RecentRows.recordBytesMax, eventsMax: StatusBoard.noticesMax)
        rows = try job.rows()
        show(overview)
        if overview.isFinal, let report { addRun(of: report) }
    }

    private mutating func show(_ overview: JournalOverview) {
        var status = JobStatus()
        status.phase = overview.isFinal ? .finished : .stopped
        status.pauses = overview.pauses.compactMap { PauseReason(rawValue: $0) }
        status.epoch = overview.epochs
        status.rowsTotal = overview.rowCount
        status.rowsTranscribed = overview.rowsTranscribed
        status.audioMillisecondsDone = overview.audioMilliseconds
        status.audioMillisecondsTotal =
            overview.isFinal
            ? overview.audioMilliseconds
            : rows.map { max($0.totalMilliseconds, overview.audioMilliseconds) } ?? 0
        for code in FailureCode.allCases {
            guard let rows = overview.failureCounts[code] else { continue }
            status.failures.append(.init(code: code.rawValue, rows: rows))
            if code.status == .rejected { status.rowsRejected += rows }
            if code.status == .quarantined { status.rowsQuarantined += rows }
        }
        status.rowsWaiting = max(0, status.rowsTotal - status.rowsDone)
        reading.status = status
        reading.past = overview.workers.map {
            .init(slot: $0.slot, rows: $0.rows, audioMilliseconds: $0.audioMilliseconds)
        }
        var failures: [FailureCode: [RecentRows.Failure]] = [:]
        for failure in overview.failures {
            failures[failure.code, default: []].append(
                .init(ordinal: failure.ordinal, slot: failure.slot, detail: failure.detail))
        }
        reading.recent = RecentRows(
            failures: failures,
            transcripts: overview.transcripts.map {
                .init(ordinal: $0.ordinal, slot: $0.slot, record: $0.record)
            })
        tell(
            overview.events.map { event in
                Self.line(event.epoch, event.kind, event.slot, row: event.ordinal, event.text)
            })
    }

    /// What a report alone says.
    private mutating func show(_ report: ReportFile) {
        var status = JobStatus()
        status.phase = .finished
        status.rowsTotal = report.rows
        status.rowsTranscribed = report.counts[.transcribed] ?? 0
        status.rowsRejected = report.counts[.rejected] ?? 0
        status.rowsQuarantined = report.counts[.quarantined] ?? 0
        status.epoch = max(0, report.object["runs"]?.int ?? 0)
        status.audioMillisecondsDone = Self.milliseconds(report.object["audio_seconds"])
        status.audioMillisecondsTotal = status.audioMillisecondsDone
        var failures: [FailureCode: [RecentRows.Failure]] = [:]
        for row in report.object["failures"]?.array ?? [] {
            guard let row = row.object, let ordinal = row["row"]?.int, ordinal >= 0,
                let code = row["code"]?.string.flatMap({ FailureCode(rawValue: $0) })
            else { continue }
            failures[code, default: []].append(
                .init(
                    ordinal: ordinal, slot: row["slot"]?.string ?? "",
                    detail: row["detail"]?.string ?? ""))
        }
        status.failures = FailureCode.allCases.compactMap { code in
            failures[code].map { .init(code: code.rawValue, rows: $0.count) }
        }
        reading.status = status
        reading.recent = RecentRows(
            failures: failures.mapValues { Array($0.suffix(Self.failuresMax)) }, transcripts: [])
        reading.past = (report.object["workers"]?.array ?? []).compactMap { worker in
            guard let worker = worker.object, let slot = worker["slot"]?.string else { return nil }
            return .init(
                slot: slot, rows: worker["rows"]?.int ?? 0,
                audioMilliseconds: Self.milliseconds(worker["audio_seconds"]))
        }
        let events = (report.object["events"]?.array ?? []).suffix(StatusBoard.noticesMax)
        tell(
            events.compactMap(\.object).map { event in
                Self.line(
                    event["run"]?.int ?? 0, event["kind"]?.string ?? "",
                    event["slot"]?.string ?? "", row: event["row"]?.int,
                    event["text"]?.string ?? "")
            })
        addRun(of: report)
    }

    /// How long the last run took, and how fast it was.
    private mutating func addRun(of report: ReportFile) {
        guard let run = report.object["last_run"]?.object else { return }
        reading.status.elapsedMilliseconds = Self.milliseconds(run["wall_seconds"])
        reading.status.speedMilli = Self.milliseconds(run["audio_seconds_per_second"])
    }

    private mutating func tell(_ lines: [String]) {
        reading.notices = lines.enumerated().map { .init(number: $0.offset + 1, text: $0.element) }
    }

    private static func line(
        _ run: Int, _ kind: String, _ slot: String, row: Int?, _ text: String
    ) -> String {
        var parts = ["run \(run)", kind]
        if !slot.isEmpty { parts.append(slot) }
        if let row { parts.append("row \(row + 1)") }
        return parts.joined(separator: ", ") + ": " + text
    }

    /// Thousandths of a number that somebody else wrote, within what numbers of a job are.
    private static func milliseconds(_ value: JSONValue?) -> Int {
        guard let seconds = value?.double, seconds > 0 else { return 0 }
        return Int(min(seconds, 1e12) * 1_000)
    }
}
