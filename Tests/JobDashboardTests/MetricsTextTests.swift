import ClusterProtocol
import ClusterRuntime
import JobDashboard
import SpeechTypes
import Testing

@Suite("A job's metrics")
struct MetricsTextTests {
    private let reading: StatusBoard.Reading = {
        let board = StatusBoard()
        var status = JobStatus()
        status.phase = .paused
        status.pauses = [.noSpace]
        status.rowsTotal = 10
        status.rowsTranscribed = 6
        status.rowsQuarantined = 1
        status.rowsLeased = 2
        status.rowsWaiting = 1
        status.audioMillisecondsTotal = 90_500
        status.audioMillisecondsDone = 40_250
        status.speedMilli = 12_300
        status.elapsedMilliseconds = 4_000
        status.remainingMilliseconds = 5_000
        status.rowsRetried = 3
        status.load = EngineLoad(
            milliseconds: [500, 0, 7_250, 0, 0, 0], batches: 4, batchedMilliseconds: 9_500)
        status.residentBytes = 4_096
        status.failures = [.init(code: FailureCode.audioNotFound.rawValue, rows: 1)]
        let worker = WorkerStatus(
            slot: "a\"b\\c\nd/0", state: .computing, arithmetic: "fp32/avx2/x", build: "1",
            cores: 4, memoryBytes: 1 << 30, speed: 8_500, rowsHeld: 2, audioMillisecondsHeld: 1,
            rowsInEngine: 1, computedMilliseconds: 0, silentMilliseconds: 10)
        board.post(status, [worker, worker])
        return board.reading
    }()
    private let process = MetricsText.Process(
        version: "1.2", startSeconds: 999.5, cpuSeconds: 1.25, residentBytes: 4_096)

    private func page(_ format: MetricsText.Format) -> String {
        MetricsText.page(reading, process, nowSeconds: 1_000, journalBytes: 0, as: format)
    }

    @Test(
        "numbers have base units, and times are points of time",
        arguments: [
            "scriptorium_rows{state=\"transcribed\"} 6", "scriptorium_rows_planned 10",
            "scriptorium_audio_planned_seconds 90.5", "scriptorium_audio_done_seconds 40.25",
            "scriptorium_speed_ratio 12.3", "scriptorium_job_expected_end_time_seconds 1005",
            "scriptorium_job_incarnation_start_time_seconds 996",
            "scriptorium_job_phase{phase=\"paused\"} 1",
            "scriptorium_job_phase{phase=\"running\"} 0",
            "scriptorium_job_paused{reason=\"no_space\"} 1", "scriptorium_rows_retried_total 3",
            "scriptorium_workers{state=\"computing\"} 2", "scriptorium_workers{state=\"idle\"} 0",
            "scriptorium_worker_stage_seconds_total{stage=\"compute\"} 7.25",
            "scriptorium_worker_stage_seconds_total{stage=\"waiting\"} 0",
            "scriptorium_worker_batches_total 4",
            "scriptorium_worker_batched_audio_seconds_total 9.5",
            "scriptorium_workers_resident_memory_bytes 4096",
            "scriptorium_workers_cores 8", "scriptorium_workers_speed_ratio 17",
            "process_cpu_seconds_total 1.25", "scriptorium_build_info{version=\"1.2\"} 1",
        ])
    func numbers(line: String) {
        #expect(page(.prometheus).split(separator: "\n").contains(Substring(line)))
    }

    @Test("every code of failure is there, with 0 where no row has it")
    func codes() {
        let lines = page(.openMetrics).split(separator: "\n")
        for code in FailureCode.allCases {
            let rows = code == .audioNotFound ? 1 : 0
            #expect(lines.contains("scriptorium_rows_failed{code=\"\(code.rawValue)\"} \(rows)"))
        }
    }

    @Test(
        "each family is told once before its samples, and nothing names a row, a path or a worker")
    func families() {
        for format in [MetricsText.Format.prometheus, .openMetrics] {
            var known: Set<String> = []
            var family = ""
            for line in page(format).split(separator: "\n") {
                if line.hasPrefix("# TYPE ") {
                    family = String(line.split(separator: " ")[2])
                    #expect(known.insert(family).inserted)
                } else if !line.hasPrefix("#") {
                    let name = line.prefix { $0 != "{" && $0 != " " }
                    let suffix = format == .openMetrics && name.hasSuffix("_total") ? "_total" : ""
                    #expect(name == family + suffix)
                }
            }
            #expect(known.count > 15)
        }
        #expect(!page(.prometheus).contains("a\\\"b"))
    }

    @Test("OpenMetrics ends with its mark, and only that")
    func end() {
        #expect(page(.openMetrics).hasSuffix("\n# EOF\n"))
        #expect(!page(.prometheus).contains("EOF"))
    }

    @Test("who asks for OpenMetrics gets it, anybody else Prometheus' own text")
    func negotiation() {
        #expect(
            MetricsText.Format(
                accept: "application/openmetrics-text;version=1.0.0;q=0.5,text/plain")
                == .openMetrics)
        #expect(MetricsText.Format(accept: "text/plain;version=0.0.4") == .prometheus)
        #expect(MetricsText.Format(accept: "") == .prometheus)
    }
}
