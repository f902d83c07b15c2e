internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Foundation
internal import Glibc
internal import JobOutput
internal import Processes
internal import ReservedPorts
internal import Testing

@Suite("A cluster of real processes") struct ClusterTests {
    private let plainRows = StandIn.rows(120)

    @Test("every row gets its record, in input order, whatever the number of workers")
    func undisturbed() throws {
        var outputs: Set<String> = []
        for workers in [1, 3] {
            let job = try StandIn(rows: plainRows)
            let coordinator = try job.coordinate(workers: workers)
            #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
            #expect(job.outputLines.count == 120)
            for (ordinal, line) in job.outputLines.enumerated() {
                #expect(line.contains("clip-\(ordinal).wav"))
            }
            outputs.insert(job.outputText ?? "")
            #expect(job.report?.contains("\"transcribed\":120") == true)
        }
        #expect(outputs.count == 1)
    }

    @Test("an input without rows gives an empty output")
    func noRows() throws {
        let job = try StandIn(rows: [])
        #expect(try job.coordinate(workers: 1).waitForEnd() == .exited(0))
        #expect(job.outputText?.isEmpty == true)
    }

    @Test(
        "kill -9 of a worker or the coordinator at any moment leaves the output as it would be",
        arguments: UInt64(0)..<24)
    func killed(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let job = try StandIn(rows: plainRows)
        var killsLeft = 3
        var runs = 0
        var end = StandIn.End.exited(-1)
        while runs < 12 {
            runs += 1
            let workers = Int.random(in: 1...3, using: &chance)
            let coordinator = try job.coordinate(
                workers: workers, batchMilliseconds: 8, settings: StandIn.impatient)
            while killsLeft > 0, coordinator.isRunning {
                usleep(UInt32.random(in: 1_000...150_000, using: &chance))
                killsLeft -= 1
                if Bool.random(using: &chance) {
                    coordinator.send(SIGKILL)
                } else if let worker = coordinator.children.randomElement(using: &chance) {
                    kill(worker, SIGKILL)
                }
            }
            end = coordinator.waitForEnd()
            if case .exited = end { break }
        }
        #expect(end == .exited(0), "seed \(seed), runs \(runs)")
        #expect(job.outputText == (try Self.undisturbedOutput.get()), "seed \(seed)")
    }

    /// What a single worker writes for the plain rows when nothing happens.
    private static let undisturbedOutput = Result {
        let job = try StandIn(rows: StandIn.rows(120))
        _ = try job.coordinate(workers: 1).waitForEnd()
        return job.outputText
    }

    @Test(
        "a row that kills its worker is quarantined after three deaths, and its neighbours are not")
    func poison() throws {
        let job = try StandIn(rows: StandIn.rows(40, [17: "kill"]))
        let coordinator = try job.coordinate(workers: 2, batchMilliseconds: 100)
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        let failed = job.outputLines.enumerated().filter { !$0.element.contains("\"transcribed\"") }
        #expect(failed.map(\.offset) == [17])
        #expect(failed.first?.element.contains("quarantined.crash") == true)
        let deaths = coordinator.errors.split(separator: "\n").filter { $0.contains("signal 6") }
        #expect((2...3).contains(deaths.count), "\(coordinator.errors)")
    }

    @Test(
        "a row that kills its worker within the microsecond is quarantined as well, told or untold",
        arguments: ["kill at once", "fault"])
    func poisonAtOnce(directive: String) throws {
        let job = try StandIn(rows: StandIn.rows(40, [17: directive]))
        // What the language does of its own at a crash takes seconds, and would hide that nobody was told.
        let coordinator = try job.coordinate(
            workers: 2, settings: ["SWIFT_BACKTRACE": "enable=no"])
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        let failed = job.outputLines.enumerated().filter { !$0.element.contains("\"transcribed\"") }
        #expect(failed.map(\.offset) == [17])
        #expect(failed.first?.element.contains("quarantined.crash") == true)
    }

    @Test("rows that fail are recorded with their code, and the exit status says so")
    func failures() throws {
        let job = try StandIn(rows: StandIn.rows(30, [3: "missing", 9: "engine"]) + ["not json"])
        let coordinator = try job.coordinate(workers: 2)
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        #expect(job.outputLines.count == 31)
        #expect(job.outputLines[3].contains("audio.not_found"))
        #expect(job.outputLines[9].contains("quarantined.engine"))
        #expect(job.outputLines[30].contains("manifest.invalid_json"))
        #expect(job.report?.contains("the row says so") == true)
    }

    @Test("an engine that throws is started again and its row is judged like a crash")
    func engineThrows() throws {
        let job = try StandIn(rows: StandIn.rows(20, [5: "throw"]))
        let coordinator = try job.coordinate(workers: 1)
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        #expect(job.outputLines[5].contains("quarantined.crash"))
        #expect(job.outputLines.filter { $0.contains("\"transcribed\"") }.count == 19)
    }

    @Test("an engine that stands still ends its worker, and its row is given up in the end")
    func engineHangs() throws {
        let job = try StandIn(rows: StandIn.rows(20, [5: "hang"]))
        let coordinator = try job.coordinate(workers: 2, settings: StandIn.impatient)
        #expect(coordinator.waitForEnd() == .exited(3), "\(coordinator.errors)")
        #expect(job.outputLines[5].contains("quarantined.crash"))
        #expect(job.outputLines.filter { $0.contains("\"transcribed\"") }.count == 19)
    }

    @Test("a coordinator that stood still for longer than silence may last loses no worker")
    func coordinatorStops() throws {
        let job = try StandIn(rows: StandIn.rows(60))
        let coordinator = try job.coordinate(
            workers: 2, batchMilliseconds: 200, settings: StandIn.impatient)
        #expect(coordinator.wait { job.status?.rowsTranscribed ?? 0 > 4 })
        coordinator.send(SIGSTOP)
        // Twice the silence that ends a session, on both sides.
        usleep(3_000_000)
        coordinator.send(SIGCONT)
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(job.outputLines.count == 60)
        let report = try #require(job.report)
        #expect(!report.contains("worker_lost") && !report.contains("row_suspected"), "\(report)")
    }

    @Test("a row that takes far longer than an engine may stand still is transcribed")
    func longRow() throws {
        let job = try StandIn(rows: StandIn.rows(10, [2: "long"]))
        let coordinator = try job.coordinate(workers: 2, settings: StandIn.impatient)
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        let report = try #require(job.report)
        #expect(!report.contains("worker_lost") && !report.contains("row_suspected"), "\(report)")
    }

    @Test("workers that cannot start end the job with their last words")
    func brokenWorkers() throws {
        let job = try StandIn(rows: plainRows)
        let coordinator = try job.coordinate(workers: 2, settings: ["STANDIN_BROKEN": "1"])
        #expect(coordinator.waitForEnd() == .exited(70))
        #expect(coordinator.errors.contains("workers die before they start a row"))
        #expect(coordinator.errors.contains("no model can be loaded here"))
    }

    @Test("status is answered while the job runs")
    func status() throws {
        let job = try StandIn(rows: plainRows)
        let coordinator = try job.coordinate(workers: 1, batchMilliseconds: 60)
        #expect(coordinator.wait { !coordinator.children.isEmpty })
        let endpoint = try JobFolder.endpoint(ofOutput: job.output)
        let client = try OperatorClient(to: endpoint, security: .ipcOnly)
        let status = try client.status()
        #expect(status?.rowsTotal == 120)
        #expect(status?.phase == .running)
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(try client.status(withinMilliseconds: 200) == nil)
    }

    @Test(
        "Ctrl-C or SIGTERM drains, and running again with other workers finishes the same output",
        arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(75))])
    func drains(signal: Int32, status: Int32) throws {
        let job = try StandIn(rows: plainRows)
        let first = try job.coordinate(workers: 2, batchMilliseconds: 40)
        #expect(first.wait { job.status?.rowsTranscribed ?? 0 > 0 })
        first.send(signal)
        #expect(first.waitForEnd() == .exited(status), "\(first.errors)")
        #expect(job.outputText == nil)
        #expect(try job.finish(workers: 3) == .exited(0))
        #expect(job.outputText == (try Self.undisturbedOutput.get()))
    }

    @Test("a second Ctrl-C stops at once, and workers do not outlive their coordinator")
    func stopsAtOnce() throws {
        let job = try StandIn(rows: plainRows)
        let coordinator = try job.coordinate(workers: 2, batchMilliseconds: 20_000)
        #expect(coordinator.wait { coordinator.children.count == 2 })
        let workers = coordinator.children
        // With rows in its engines it does not end by itself.
        #expect(coordinator.wait { job.status?.rowsLeased ?? 0 > 0 })
        coordinator.send(SIGINT)
        #expect(coordinator.wait { job.status?.phase == .draining })
        coordinator.send(SIGINT)
        #expect(coordinator.waitForEnd() == .exited(130), "\(coordinator.errors)")
        #expect(Self.haveEnded(workers))
    }

    @Test("workers end when their coordinator is killed")
    func orphans() throws {
        let job = try StandIn(rows: plainRows)
        let coordinator = try job.coordinate(workers: 2, batchMilliseconds: 20_000)
        #expect(coordinator.wait { coordinator.children.count == 2 })
        let workers = coordinator.children
        coordinator.send(SIGKILL)
        _ = coordinator.waitForEnd()
        #expect(Self.haveEnded(workers))
    }

    @Test("a second coordinator of the same job is refused, and the first goes on")
    func secondCoordinator() throws {
        let job = try StandIn(rows: plainRows)
        let first = try job.coordinate(workers: 1, batchMilliseconds: 20)
        #expect(first.wait { !first.children.isEmpty })
        let second = try job.coordinate(workers: 1)
        #expect(second.waitForEnd() == .exited(76))
        #expect(second.errors.contains("another coordinator is working on this job"))
        #expect(first.waitForEnd() == .exited(0), "\(first.errors)")
        #expect(job.outputText == (try Self.undisturbedOutput.get()))
    }

    @Test("a changed input is refused, and the output of a finished job is written again")
    func resumeRules() throws {
        let job = try StandIn(rows: plainRows)
        #expect(try job.coordinate(workers: 2).waitForEnd() == .exited(0))
        let output = job.outputText
        try FileManager.default.removeItem(atPath: job.output)
        let again = try job.coordinate(workers: 1)
        #expect(again.waitForEnd() == .exited(0), "\(again.errors)")
        #expect(job.outputText == output)

        try Data("something else\n".utf8).write(to: URL(fileURLWithPath: job.output))
        let overwriting = try job.coordinate(workers: 1)
        #expect(overwriting.waitForEnd() == .exited(64))
        #expect(overwriting.errors.contains("not what this job wrote"))

        try Data("{\"audio_filepath\":\"other.wav\"}\n".utf8)
            .write(to: URL(fileURLWithPath: job.input))
        let changed = try job.coordinate(workers: 1)
        #expect(changed.waitForEnd() != .exited(0))
        try FileManager.default.removeItem(atPath: job.output)
        let other = try job.coordinate(workers: 1)
        #expect(other.waitForEnd() == .exited(65))
        #expect(other.errors.contains("1 rows, 120 before, 120 of them recorded"))
        #expect(other.errors.contains("0 of the rows now are recorded already: --reconcile"))
    }

    @Test("an output that no job folder explains is not touched")
    func foreignOutput() throws {
        let job = try StandIn(rows: plainRows)
        try Data("precious\n".utf8).write(to: URL(fileURLWithPath: job.output))
        #expect(try job.coordinate(workers: 1).waitForEnd() == .exited(64))
        #expect(job.outputText == "precious\n")
    }

    @Test("a journal that cannot grow ends the coordinator with 74, and the job goes on later")
    func diskFull() throws {
        let job = try StandIn(rows: plainRows)
        let coordinator = try job.coordinate(workers: 2, fileBlocksMax: 240)
        #expect(coordinator.waitForEnd() == .exited(74), "\(coordinator.errors)")
        #expect(job.outputText == nil)
        #expect(try job.finish(workers: 2) == .exited(0))
        #expect(job.outputText == (try Self.undisturbedOutput.get()))
    }

    @Test("rows of a worker that hardly moves are done by the others before it gets to them")
    func slowWorker() throws {
        let rows = (0..<120).map { "{\"audio_filepath\":\"clip-\($0).wav\",\"duration\":1}" }
        let plain = try StandIn(rows: rows)
        #expect(try plain.finish(workers: 1) == .exited(0))
        let job = try StandIn(rows: rows)
        let port = try ReservedPort()
        // Its first batch alone would outlast what the test waits for.
        let slow = try job.work(
            at: port.endpoint, slot: "slow/0", batchMilliseconds: 600_000)
        let coordinator = try job.coordinate(
            workers: 0, listen: port.endpoint, settings: ["STANDIN_HURRY": "1"])
        let isLeased = coordinator.wait {
            job.status?.rowsLeased ?? 0 > 0
        }
        #expect(isLeased, "the slow worker got nothing")
        let quick = try (0..<2).map {
            try job.work(at: port.endpoint, slot: "quick-\($0)/0", batchMilliseconds: 10)
        }
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(job.outputText == plain.outputText)
        #expect(job.report?.contains("row_copied") == true)
        #expect(quick.allSatisfy { $0.waitForEnd() == .exited(0) })
        slow.send(SIGKILL)
    }

    @Test("a nearly full disk pauses the job, which says so")
    func fullDisk() throws {
        let job = try StandIn(rows: plainRows)
        let coordinator = try job.coordinate(
            workers: 1, batchMilliseconds: 30, settings: ["STANDIN_FULL_DISK": "1"])
        var status: JobStatus?
        let isPaused = coordinator.wait {
            status = job.status
            return status?.phase == .paused
        }
        #expect(isPaused)
        #expect(status?.pauses == [.noSpace])
        coordinator.send(SIGTERM)
        #expect(coordinator.waitForEnd() == .exited(75))
        #expect(try job.finish(workers: 2) == .exited(0))
        #expect(job.outputText == (try Self.undisturbedOutput.get()))
    }

    @Test("records on standard output come in input order and are the same")
    func stream() throws {
        let job = try StandIn(rows: plainRows)
        let coordinator = try job.coordinate(workers: 3, output: "-")
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(coordinator.output == (try Self.undisturbedOutput.get()))
    }

    @Test("workers over tcp may come before the coordinator, freeze, and be killed")
    func tcpWorkers() throws {
        let job = try StandIn(rows: plainRows)
        let port = try ReservedPort()
        let workers = try (0..<3).map {
            try job.work(
                at: port.endpoint, slot: "host-\($0)/0", batchMilliseconds: 30,
                settings: StandIn.impatient)
        }
        let stranger = try job.work(
            at: port.endpoint, slot: "stranger/0", settings: ["STANDIN_MODEL": "another"])
        let coordinator = try job.coordinate(
            workers: 0, listen: port.endpoint, settings: StandIn.impatient)
        #expect(coordinator.wait { job.status?.rowsTranscribed ?? 0 > 0 })
        workers[0].send(SIGSTOP)
        workers[1].send(SIGKILL)
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(job.outputText == (try Self.undisturbedOutput.get()))
        #expect(workers[2].waitForEnd() == .exited(0), "\(workers[2].errors)")
        #expect(stranger.waitForEnd() == .exited(65), "\(stranger.errors)")
        #expect(stranger.errors.contains("model"))
        workers[0].send(SIGCONT)
        workers[0].send(SIGKILL)
    }

    @Test(
        "workers over tcp compute on while the coordinator is killed and started again",
        arguments: UInt64(0)..<4)
    func coordinatorReturns(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        let job = try StandIn(rows: plainRows)
        let port = try ReservedPort()
        let workers = try (0..<2).map {
            try job.work(
                at: port.endpoint, slot: "host-\($0)/0", batchMilliseconds: 60,
                settings: StandIn.impatient)
        }
        for _ in 0..<3 {
            let coordinator = try job.coordinate(
                workers: 0, listen: port.endpoint, settings: StandIn.impatient)
            usleep(UInt32.random(in: 100_000...900_000, using: &chance))
            coordinator.send(SIGKILL)
            _ = coordinator.waitForEnd()
        }
        let last = try job.coordinate(
            workers: 0, listen: port.endpoint, settings: StandIn.impatient)
        // The job may be finished already; then the last coordinator only writes its output.
        #expect(last.waitForEnd() == .exited(0), "seed \(seed): \(last.errors)")
        #expect(job.outputText == (try Self.undisturbedOutput.get()), "seed \(seed)")
        // A coordinator that is killed in mid-handshake is told of, and nothing else.
        let lines = workers.flatMap { $0.errors.split(separator: "\n") }
        #expect(lines.allSatisfy { $0.hasPrefix("no handshake with ") }, "\(lines)")
    }

    private static func haveEnded(_ processes: [pid_t]) -> Bool {
        for _ in 0..<500 {
            if processes.allSatisfy({ !isRunning($0) }) { return true }
            usleep(10_000)
        }
        return false
    }

    /// A process that has ended and waits for somebody to take its status runs no more.
    private static func isRunning(_ process: pid_t) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return false }
        return !text[end...].hasPrefix(") Z")
    }
}
