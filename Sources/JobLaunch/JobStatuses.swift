package import ClusterProtocol
internal import ClusterRuntime
package import ClusterSecurity
internal import Glibc
internal import JobDashboard
internal import JobJournal
internal import JobOutput
package import Provenance
internal import SpeechTypes
internal import StrictJSON

/// How several jobs are going, and their sum: the parts of a manifest as a rule.
package struct JobStatuses {
    /// What is known of one job.
    package enum State {
        case running(JobStatus)
        /// No coordinator runs, and the output is there.
        case finished(ReportFile)
        case unknown
    }

    package let jobs: [(name: String, state: State)]

    /// How long each coordinator has to answer.
    private static let patienceMilliseconds = 2_000

    /// Asks each coordinator in turn; a job whose coordinator is gone is known by its report.
    ///
    /// - Parameter others: coordinators that are known by where they listen.
    package init(
        outputs: [String], others: [(endpoint: String, security: ConnectSecurity)]
    ) throws {
        var jobs: [(name: String, state: State)] = []
        for output in outputs {
            let endpoint = try? JobFolder.endpoint(ofOutput: output)
            if let endpoint, let status = try Self.ask(endpoint, .ipcOnly) {
                jobs.append((output, .running(status)))
            } else {
                jobs.append((output, try Self.report(of: output).map { .finished($0) } ?? .unknown))
            }
        }
        for (endpoint, security) in others {
            try security.check(endpoint)
            let status = try Self.ask(endpoint, security)
            jobs.append((endpoint, status.map { .running($0) } ?? .unknown))
        }
        self.jobs = jobs
    }

    /// The report of a finished job; that of one which has gone on with other rows since is older.
    private static func report(of output: String) throws -> ReportFile? {
        if access(output + ".job", F_OK) == 0 {
            guard let job = try? StoredJob(output), try job.summary().finalDigest != nil else {
                return nil
            }
        }
        return try ReportFile.read(ReportFile.path(ofOutput: output))
    }

    private static func ask(
        _ endpoint: String, _ security: ConnectSecurity
    ) throws -> JobStatus? {
        guard EndpointProbe.listens(at: endpoint) else { return nil }
        return try OperatorClient(to: endpoint, security: security)
            .status(withinMilliseconds: patienceMilliseconds)
    }

    /// Every job runs or is finished.
    package var isKnown: Bool {
        !jobs.contains { if case .unknown = $0.state { true } else { false } }
    }

    // MARK: Sums

    /// Rows and workers of one job or several.
    private struct Sum {
        var rows = 0
        var ended: [RowStatus: Int] = [:]
        var workers = 0
        var speedMilli = 0

        var done: Int { ended.values.reduce(0, +) }

        mutating func add(_ state: State) {
            switch state {
            case .running(let status):
                rows += status.rowsTotal
                ended[.transcribed, default: 0] += status.rowsTranscribed
                ended[.rejected, default: 0] += status.rowsRejected
                ended[.quarantined, default: 0] += status.rowsQuarantined
                workers += status.workers
                speedMilli += status.speedMilli
            case .finished(let report):
                rows += report.rows
                ended.merge(report.counts) { $0 + $1 }
            case .unknown: break
            }
        }

        var text: String {
            var text = "\(done) of \(rows) rows: "
            text += RowStatus.allCases.map { "\(ended[$0, default: 0]) \($0.rawValue)" }
                .joined(separator: ", ")
            if workers > 0 { text += "; \(workers) workers" }
            if speedMilli > 0 { text += ", RTFx \(ProgressText.decimal(speedMilli))" }
            return text
        }
    }

    private var sum: Sum { jobs.reduce(into: Sum()) { $0.add($1.state) } }

    private func phase(_ state: State) -> String {
        switch state {
        case .running(let status): status.phase.rawValue
        case .finished: "finished"
        case .unknown: "no answer"
        }
    }

    // MARK: Words

    /// One line a job, and one for all.
    package var text: String {
        let width = (jobs.map(\.name.count).max() ?? 0) + 2
        func line(_ name: String, _ text: String) -> String {
            name + String(repeating: " ", count: width - name.count) + text + "\n"
        }
        let lines = jobs.map { job in
            if case .unknown = job.state { return line(job.name, phase(job.state)) }
            var own = Sum()
            own.add(job.state)
            return line(job.name, "\(phase(job.state)), \(own.text)")
        }
        return lines.joined() + line("all", sum.text)
    }

    /// One object: the jobs, and the sum.
    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.key("jobs")
        json.beginArray()
        for job in jobs {
            json.beginObject()
            json.key("name")
            json.value(job.name)
            write(job.state, to: &json)
            json.endObject()
        }
        json.endArray()
        json.key("rows")
        json.value(sum.rows)
        for status in RowStatus.allCases {
            json.key(status.rawValue)
            json.value(sum.ended[status, default: 0])
        }
        json.key("workers")
        json.value(sum.workers)
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    private func write(_ state: State, to json: inout JSONWriter) {
        json.key("phase")
        json.value(phase(state))
        guard case .running(let status) = state else { return }
        json.key("status")
        json.raw(JobStatusJSON.object(status))
    }
}
