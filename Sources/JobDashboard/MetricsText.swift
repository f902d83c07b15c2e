internal import ClusterProtocol
package import ClusterRuntime
internal import JobState
internal import SpeechTypes

/// A job's numbers as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0.
///
/// Names have base units, times are points of time and not ages, and a state or code that has not
/// occurred is there with 0, so that rates and alerts need no special case. No label names a row or a path.
package struct MetricsText {
    package enum Format: Hashable, Sendable {
        case prometheus
        case openMetrics

        /// What an `Accept` field wants.
        package init(accept: String) {
            self = accept.contains("application/openmetrics-text") ? .openMetrics : .prometheus
        }

        package var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// Numbers of the process itself.
    package struct Process: Hashable, Sendable {
        package var version: String
        /// Seconds since 1970 at which it began.
        package var startSeconds: Double
        package var cpuSeconds: Double
        package var residentBytes: Int

        package init(
            version: String, startSeconds: Double, cpuSeconds: Double, residentBytes: Int
        ) {
            self.version = version
            self.startSeconds = startSeconds
            self.cpuSeconds = cpuSeconds
            self.residentBytes = residentBytes
        }
    }

    private enum Kind: String { case gauge, counter }
    private typealias Sample = (labels: [(name: String, value: String)], value: Double)

    private let format: Format
    private var text = ""

    /// - Parameters:
    ///   - nowSeconds: seconds since 1970 at which the reading was taken.
    ///   - journalBytes: what the journal's files take.
    package static func page(
        _ reading: StatusBoard.Reading, _ process: Process, nowSeconds: Double,
        journalBytes: Int, as format: Format
    ) -> String {
        var page = MetricsText(format: format)
        page.job(reading.status, nowSeconds)
        page.rows(reading.status)
        page.audio(reading.status, nowSeconds)
        page.workers(reading)
        page.stages(reading.status)
        page.commits(reading.recent, journalBytes)
        page.process(process)
        if format == .openMetrics { page.text += "# EOF\n" }
        return page.text
    }

    private init(format: Format) { self.format = format }

    private mutating func job(_ status: JobStatus, _ nowSeconds: Double) {
        family(
            "scriptorium_job_phase", .gauge, "Whether the job is in a phase",
            JobStatus.Phase.allCases.map {
                ([("phase", $0.rawValue)], $0 == status.phase ? 1 : 0)
            })
        family(
            "scriptorium_job_paused", .gauge, "Whether the job grants nothing for a reason",
            PauseReason.allCases.map {
                ([("reason", $0.rawValue)], status.pauses.contains($0) ? 1 : 0)
            })
        family(
            "scriptorium_job_incarnation", .gauge, "How often a coordinator has taken up the job",
            [([], Double(status.epoch))])
        family(
            "scriptorium_job_incarnation_start_time_seconds", .gauge,
            "When this coordinator took up the job",
            [([], nowSeconds - Double(status.elapsedMilliseconds) / 1_000)])
    }

    private mutating func rows(_ status: JobStatus) {
        let states = [
            ("transcribed", status.rowsTranscribed), ("rejected", status.rowsRejected),
            ("quarantined", status.rowsQuarantined), ("leased", status.rowsLeased),
            ("waiting", status.rowsWaiting),
        ]
        family(
            "scriptorium_rows", .gauge, "Rows of the job by what became of them so far",
            states.map { ([("state", $0.0)], Double($0.1)) })
        family("scriptorium_rows_planned", .gauge, "All rows", [([], Double(status.rowsTotal))])
        let counts = Dictionary(
            status.failures.map { ($0.code, $0.rows) }, uniquingKeysWith: { first, _ in first })
        family(
            "scriptorium_rows_failed", .gauge, "Rows that ended without a transcript, by code",
            FailureCode.allCases.map {
                ([("code", $0.rawValue)], Double(counts[$0.rawValue] ?? 0))
            })
        family(
            "scriptorium_rows_retried", .counter, "Attempts that were made again",
            [([], Double(status.rowsRetried))])
        family(
            "scriptorium_rows_duplicated", .counter, "Records that came a second time",
            [([], Double(status.rowsDuplicated))])
    }

    private mutating func audio(_ status: JobStatus, _ nowSeconds: Double) {
        family(
            "scriptorium_audio_planned_seconds", .gauge,
            "Audio of all rows, as planned and corrected by what was decoded",
            [([], Double(status.audioMillisecondsTotal) / 1_000)])
        family(
            "scriptorium_audio_done_seconds", .gauge,
            "Audio of transcribed rows, and what is computed of those in engines",
            [([], Double(status.audioMillisecondsDone) / 1_000)])
        family(
            "scriptorium_speed_ratio", .gauge,
            "Audio seconds transcribed in a second, over the last while",
            [([], Double(status.speedMilli) / 1_000)])
        let end = status.remainingMilliseconds.map { nowSeconds + Double($0) / 1_000 }
        family(
            "scriptorium_job_expected_end_time_seconds", .gauge,
            "When the job should end; 0 while unknown", [([], end ?? 0)])
    }

    private mutating func workers(_ reading: StatusBoard.Reading) {
        var counts: [WorkerStatus.State: Int] = [:]
        for worker in reading.workers { counts[worker.state, default: 0] += 1 }
        family(
            "scriptorium_workers", .gauge, "Workers by what they do",
            WorkerStatus.State.allCases.map {
                ([("state", $0.rawValue)], Double(counts[$0] ?? 0))
            })
        family(
            "scriptorium_workers_lost", .counter, "Workers that ended without goodbye",
            [([], Double(reading.status.workersLost))])
        family(
            "scriptorium_workers_cores", .gauge, "Processor cores of all workers",
            [([], Double(reading.workers.reduce(0) { $0 + $1.cores }))])
        family(
            "scriptorium_workers_speed_ratio", .gauge,
            "Audio seconds that all workers can compute in a second, as they measured",
            [([], Double(reading.workers.reduce(0) { $0 + $1.speed }) / 1_000)])
    }

    private mutating func stages(_ status: JobStatus) {
        family(
            "scriptorium_worker_stage_seconds", .counter,
            "Time of the threads of workers' engines, by what they did, in this incarnation",
            EngineStage.allCases.map {
                ([("stage", $0.rawValue)], Double(status.load[$0]) / 1_000)
            })
        family(
            "scriptorium_worker_batches", .counter, "Batches that workers began to compute",
            [([], Double(status.load.batches))])
        family(
            "scriptorium_worker_batched_audio_seconds", .counter,
            "Audio that workers computed in batches, every lane counted",
            [([], Double(status.load.batchedMilliseconds) / 1_000)])
        family(
            "scriptorium_workers_resident_memory_bytes", .gauge,
            "Memory that the processes of all workers hold", [([], Double(status.residentBytes))])
    }

    private mutating func commits(_ recent: RecentRows, _ journalBytes: Int) {
        family(
            "scriptorium_leases_granted", .counter, "Leases that were granted in this incarnation",
            [([], Double(recent.leasesGranted))])
        family(
            "scriptorium_leases_ended", .counter,
            "Leases that ended in this incarnation, by how they did",
            LeaseEnd.allCases.map {
                ([("end", $0.rawValue)], Double(recent.leasesEnded[$0] ?? 0))
            })
        family(
            "scriptorium_journal_bytes", .gauge, "What the journal's files take of their disk",
            [([], Double(journalBytes))])
        family(
            "scriptorium_commits", .counter, "Commits of the journal",
            [([], Double(recent.commits))])
        family(
            "scriptorium_commit_seconds", .counter, "Time that commits of the journal took",
            [([], Double(recent.commitNanoseconds) / 1e9)])
    }

    private mutating func process(_ process: Process) {
        family(
            "scriptorium_build_info", .gauge, "The program that coordinates",
            [([("version", process.version)], 1)])
        family(
            "process_start_time_seconds", .gauge, "When the process began",
            [([], process.startSeconds)])
        family(
            "process_cpu_seconds", .counter, "Processor time of the process",
            [([], process.cpuSeconds)])
        family(
            "process_resident_memory_bytes", .gauge, "Memory that the process holds",
            [([], Double(process.residentBytes))])
    }

    // MARK: Text

    private mutating func family(
        _ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]
    ) {
        let sampleName = kind == .counter ? name + "_total" : name
        // Prometheus' own format names the samples, OpenMetrics the family.
        let familyName = format == .openMetrics ? name : sampleName
        text += "# HELP \(familyName) \(help).\n# TYPE \(familyName) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            text += sampleName
            if !labels.isEmpty { text += "{\(labels.joined(separator: ","))}" }
            text += " \(Self.number(sample.value))\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// Whole numbers without a point: counts are read by people, too.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
