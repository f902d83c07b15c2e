internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Foundation
internal import Glibc
internal import JobOutput
internal import Processes
internal import Testing

@Suite("What is recorded so far") struct SnapshotTests {
    private let rows = StandIn.rows(120, [3: "missing"]) + ["not json"]

    @Test("is written at any time, whoever works: every row that is done, with its number")
    func snapshots() throws {
        let job = try StandIn(rows: rows)
        func lines() throws -> [String] {
            try String(contentsOfFile: "\(job.folder)/out.now.jsonl", encoding: .utf8)
                .split(separator: "\n").map(String.init)
        }
        func numbers() throws -> [Int] {
            try String(contentsOfFile: "\(job.folder)/out.now.rows", encoding: .utf8)
                .split(separator: "\n").compactMap { Int($0) }
        }
        let coordinator = try job.coordinate(workers: 1, batchMilliseconds: 40)
        #expect(coordinator.wait { job.status?.rowsTranscribed ?? 0 > 12 })
        let client = try OperatorClient(
            to: try JobFolder.endpoint(ofOutput: job.output), security: .ipcOnly)
        let answer = try client.obey(.export)
        #expect(answer?.isDone == true, "\(answer?.sentence ?? "")")
        let during = (try lines(), try numbers())
        #expect(answer?.count == during.0.count && during.0.count == during.1.count)
        #expect(answer?.sentence.contains("\(during.0.count) of 121 rows") == true)
        coordinator.send(SIGKILL)
        _ = coordinator.waitForEnd()

        let sentence = try StoredJob(job.output).exportSnapshot(ofOutput: job.output)
        let after = (try lines(), try numbers())
        #expect(sentence.contains("\(after.0.count) of 121 rows"))
        #expect(Set(after.1).isSuperset(of: during.1) && after.1 == after.1.sorted())
        #expect(job.outputText == nil)

        #expect(try job.finish(workers: 2) == .exited(3))
        for (line, number) in zip(after.0, after.1) {
            #expect(String(job.outputLines[number]) == line)
        }
        _ = try StoredJob(job.output).exportSnapshot(ofOutput: job.output)
        #expect(try lines() == job.outputLines.map { String($0) })
        #expect(try numbers() == Array(0..<121))
    }

    @Test("has all that is done though the first row is still at work")
    func earlyOpenRow() throws {
        let job = try StandIn(rows: StandIn.rows(60, [0: "hang"]))
        let coordinator = try job.coordinate(workers: 2)
        #expect(coordinator.wait { job.status?.rowsTranscribed ?? 0 > 40 })
        coordinator.send(SIGKILL)
        _ = coordinator.waitForEnd()
        let sentence = try StoredJob(job.output).exportSnapshot(ofOutput: job.output)
        #expect(sentence.contains("row 0 is the first without a record"))
        let lines = try String(contentsOfFile: "\(job.folder)/out.now.jsonl", encoding: .utf8)
            .split(separator: "\n")
        let numbers = try String(contentsOfFile: "\(job.folder)/out.now.rows", encoding: .utf8)
            .split(separator: "\n").compactMap { Int($0) }
        // What was not durable yet when the coordinator was killed is missing.
        #expect(lines.count == numbers.count && numbers.count > 20 && !numbers.contains(0))
        for (line, number) in zip(lines, numbers) {
            #expect(line.contains("clip-\(number).wav"))
        }
    }
}

/// A file system in memory, of a few MiB; only root may have one.
private final class SmallDisk {
    let path = NSTemporaryDirectory() + "scriptorium-disk-\(UUID().uuidString.prefix(8))"
    private var ballast: String { "\(path)/ballast" }

    static let isAllowed: Bool = (try? SmallDisk()) != nil

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=16m") == 0 else {
            rmdir(path)
            throw POSIXError(.EPERM)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    /// Leaves so many bytes free.
    func fill(leaving bytes: Int) throws {
        var space = statvfs()
        guard statvfs(path, &space) == 0 else { throw POSIXError(.EIO) }
        let free = Int(space.f_bavail) * Int(space.f_frsize)
        let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw POSIXError(.EIO) }
        defer { close(file) }
        // The job writes too: what does not fit any more need not.
        let page = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<max(0, free - bytes) / page.count {
            guard write(file, page, page.count) == page.count else { break }
        }
    }

    func empty() { unlink(ballast) }
}

@Suite(
    "A disk that is full",
    .enabled(if: SmallDisk.isAllowed, "only root may mount a small file system in memory"))
struct FullDiskTests {
    @Test(
        "pauses the job, nearly full or to the last byte, and the job goes on when there is space",
        arguments: [64 << 10, 0])
    func fills(leaving bytes: Int) throws {
        let rows = StandIn.rows(1_000)
        let plain = try StandIn(rows: rows)
        #expect(try plain.finish(workers: 2) == .exited(0))
        let disk = try SmallDisk()
        let job = try StandIn(rows: rows)
        let output = "\(disk.path)/out.jsonl"
        let coordinator = try job.coordinate(workers: 1, output: output, batchMilliseconds: 30)
        func status() -> JobStatus? {
            guard let endpoint = try? JobFolder.endpoint(ofOutput: output),
                let client = try? OperatorClient(to: endpoint, security: .ipcOnly)
            else { return nil }
            return try? client.status(withinMilliseconds: 1_000)
        }
        #expect(coordinator.wait { status()?.rowsTranscribed ?? 0 > 20 })
        try disk.fill(leaving: bytes)
        // What says so must be durable first: to the last byte, nothing is.
        if bytes > 0 {
            #expect(coordinator.wait { status()?.pauses == [.noSpace] }, "\(coordinator.errors)")
        } else {
            // Long enough for commits to fail more than once: nothing tells of it while none is durable.
            usleep(2_000_000)
        }
        let paused = status()
        #expect(paused != nil, "the coordinator answers")
        #expect(coordinator.isRunning, "\(coordinator.errors)")
        #expect(paused?.rowsTranscribed ?? 1_000 < 1_000)
        disk.empty()
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(try String(contentsOfFile: output, encoding: .utf8) == plain.outputText)
    }
}
