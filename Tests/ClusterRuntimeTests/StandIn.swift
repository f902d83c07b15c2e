internal import ClusterProtocol
internal import ClusterRuntime
internal import ClusterSecurity
internal import Foundation
internal import Glibc
internal import JobOutput
internal import Processes
internal import TestProcesses

/// A folder with an input, an output and the processes of one job.
final class StandIn {
    typealias End = ChildProcess.End

    let folder: String
    var input: String { "\(folder)/input.jsonl" }
    var output: String { "\(folder)/out.jsonl" }
    private var started: [RunningProcess] = []

    /// - Parameter rows: the input's lines.
    init(rows: [String]) throws {
        folder = NSTemporaryDirectory() + "scriptorium-cluster-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(rows.map { $0 + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: input))
    }

    deinit {
        for process in started where process.isRunning {
            process.send(SIGKILL)
            while process.isRunning { usleep(1_000) }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Rows that differ, with `directives` for some of them.
    static func rows(_ count: Int, _ directives: [Int: String] = [:]) -> [String] {
        (0..<count).map { ordinal in
            let directive = directives[ordinal].map { ",\"do\":\"\($0)\"" } ?? ""
            return "{\"audio_filepath\":\"clip-\(ordinal).wav\"\(directive)}"
        }
    }

    /// Replaces the input's lines.
    func setRows(_ rows: [String], lastLineEnd: String = "\n") throws {
        try Data((rows.joined(separator: "\n") + lastLineEnd).utf8)
            .write(to: URL(fileURLWithPath: input))
    }

    // MARK: Processes

    /// Starts a coordinator, with local workers and perhaps a socket for others.
    func coordinate(
        workers: Int, input: String? = nil, output: String? = nil, listen: String? = nil,
        batchMilliseconds: Int = 2,
        settings: [String: String] = [:]
    ) throws -> RunningProcess {
        var arguments = [
            "coordinate", input ?? self.input, output ?? self.output, String(workers),
        ]
        if let listen { arguments.append(listen) }
        return try start(arguments, batchMilliseconds, settings)
    }

    /// Starts a coordinator that may write no file longer than `blocks` of 512 bytes.
    func coordinate(workers: Int, fileBlocksMax blocks: Int) throws -> RunningProcess {
        try start(["coordinate", input, output, String(workers)], 2, fileBlocksMax: blocks)
    }

    /// Starts a worker that connects to `endpoint`.
    func work(
        at endpoint: String, slot: String, batchMilliseconds: Int = 2,
        settings: [String: String] = [:]
    ) throws -> RunningProcess {
        try start(["work", endpoint, slot], batchMilliseconds, settings)
    }

    /// Starts a process with many sessions that connects to `endpoint`.
    func swarm(
        at endpoint: String, sessions: Int, settings: [String: String]
    ) throws -> RunningProcess {
        try start(["swarm", endpoint, String(sessions)], 0, settings)
    }

    /// What shortens the times that the cluster waits for.
    static let impatient = ["STANDIN_IMPATIENT": "1"]

    /// Starts coordinators until the job is done.
    ///
    /// - Returns: the exit status of the last.
    func finish(workers: Int, batchMilliseconds: Int = 2) throws -> End {
        for _ in 0..<10 {
            let end = try coordinate(workers: workers, batchMilliseconds: batchMilliseconds)
                .waitForEnd()
            if end == .exited(0) || end == .exited(3) { return end }
        }
        return .exited(-1)
    }

    private func start(
        _ arguments: [String], _ batchMilliseconds: Int, _ settings: [String: String] = [:],
        fileBlocksMax: Int? = nil
    ) throws -> RunningProcess {
        let program = try Self.executable().path
        let environment = ["STANDIN_BATCH_MS": String(batchMilliseconds)].merging(settings) { $1 }
        let running =
            if let fileBlocksMax {
                try RunningProcess(
                    "/bin/sh",
                    ["-c", "ulimit -f \(fileBlocksMax); exec \"$0\" \"$@\"", program] + arguments,
                    environment, in: folder)
            } else {
                try RunningProcess(program, arguments, environment, in: folder)
            }
        started.append(running)
        return running
    }

    private static func executable() throws -> URL {
        let here = URL(
            fileURLWithPath: try FileManager.default
                .destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return here.deletingLastPathComponent().appendingPathComponent("StandInCluster")
    }

    // MARK: Files

    /// What the coordinator says of its job; nil if it cannot be asked.
    var status: JobStatus? {
        guard let endpoint = try? JobFolder.endpoint(ofOutput: output),
            let client = try? OperatorClient(to: endpoint, security: .ipcOnly)
        else { return nil }
        return try? client.status(withinMilliseconds: 1_000)
    }

    var outputText: String? { try? String(contentsOfFile: output, encoding: .utf8) }
    var outputLines: [Substring] { (outputText ?? "").split(separator: "\n") }
    var report: String? { try? String(contentsOfFile: output + ".report.json", encoding: .utf8) }
}

/// A process of the stand-in whose output goes to files.
final class RunningProcess {
    var identifier: pid_t { process.identifier }
    private let process: StartedProcess
    private let outputPath: String
    private let errorPath: String

    init(
        _ program: String, _ arguments: [String], _ environment: [String: String],
        in folder: String
    ) throws {
        let name = UUID().uuidString.prefix(8)
        outputPath = "\(folder)/\(name).out"
        errorPath = "\(folder)/\(name).err"
        process = try StartedProcess(
            program, arguments, environment: environment, output: .file(outputPath),
            errors: .file(errorPath))
    }

    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
    var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }
    var isRunning: Bool { process.isRunning }

    func send(_ signal: Int32) { process.send(signal) }

    /// How the process ended; one that does not end within ten minutes is killed.
    func waitForEnd() -> ChildProcess.End {
        if let end = process.waitForEnd(milliseconds: 600_000) { return end }
        send(SIGKILL)
        return process.waitForEnd()
    }

    /// Processes that this one started and that still run.
    var children: [pid_t] {
        let threads =
            (try? FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(identifier)/task")) ?? []
        return threads.flatMap { thread -> [pid_t] in
            let path = "/proc/\(identifier)/task/\(thread)/children"
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// Waits until `condition` holds.
    ///
    /// - Returns: false if it did not in time, or the process ended before.
    func wait(milliseconds: Int = 120_000, until condition: () -> Bool) -> Bool {
        for _ in 0..<(milliseconds / 10) {
            if condition() { return true }
            if !isRunning { return condition() }
            usleep(10_000)
        }
        return false
    }
}

/// The only source of chance of a test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
